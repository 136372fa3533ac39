import type { Session } from '../session.js'
import { quoteText } from '../statement/literal.js'
import type { Meeting } from './find-meetings.js'
import type { Operand } from './operand.js'

/** Whether an operand is a text that is written out, which the engine reads as the type of the other side, once. */
export function isWrittenText(operand: Operand): boolean {
  return operand.family === 'text' && operand.column === undefined
}

/** A written text and the type that it is to be read as, as one word. */
export function readingOf(text: Operand, other: Operand): string {
  return `${other.type} ${String(text.constant)}`
}

/** Which of the written texts cannot be read as the types that they meet, by {@link readingOf}: the engine itself is asked, at most once. */
export async function findUnreadable(meetings: readonly Meeting[], session: Session): Promise<ReadonlySet<string>> {
  const readings = new Map<string, string>()
  for (const [text, other] of meetings.flatMap(listPairs)) {
    if (!isWrittenText(text) || other.family === 'text') continue
    readings.set(readingOf(text, other), `TRY_CAST(${quoteText(String(text.constant))} AS ${other.type}) IS NULL`)
  }
  if (readings.size === 0) return new Set()
  const [answers = []] = await (await session.run(`SELECT ${[...readings.values()].join(', ')}`)).getRows()
  return new Set([...readings.keys()].filter((_, i) => answers[i] === true))
}

/** Each two operands of a meeting that go to one type, both ways round. */
function listPairs(meeting: Meeting): readonly (readonly [Operand, Operand])[] {
  const all = meeting.kind === 'compared' ? [meeting.first, ...meeting.others] : meeting.among
  const known = all.filter((operand) => operand !== undefined)
  return known.flatMap((one) => known.filter((other) => other !== one).map((other) => [one, other] as const))
}
