import type { Meeting } from './find-meetings.js'
import type { Operand } from './operand.js'
import { isWrittenText, readingOf } from './unreadable-texts.js'

/** What is wrong with values that meet. */
interface Unlike {
  readonly message: string
  readonly hint: string
  /** Where it stands, in bytes of the query. */
  readonly bytes: number | undefined
}

/** What is wrong where values of unlike types meet; undefined where nothing is, or nothing is known. `unreadable` are texts that are not of the type beside them. */
export function describeUnlike(meeting: Meeting, unreadable: ReadonlySet<string>): Unlike | undefined {
  return meeting.kind === 'compared' ? describeCompared(meeting.first, meeting.others, unreadable) : describeChosen(meeting, unreadable)
}

function describeCompared(
  left: Operand | undefined,
  others: readonly (Operand | undefined)[],
  unreadable: ReadonlySet<string>,
): Unlike | undefined {
  const right = others.find((other) => left !== undefined && other !== undefined && areUnlike(left, other, unreadable))
  if (left === undefined || right === undefined) return undefined
  const at = left.column === undefined ? right : left
  return { message: `${left.label} is compared with ${right.label}.`, hint: hintFor(left, right), bytes: at.bytes }
}

function areUnlike(left: Operand, right: Operand, unreadable: ReadonlySet<string>): boolean {
  if (left.family === right.family) return false
  if (isWrittenText(left)) return unreadable.has(readingOf(left, right))
  if (isWrittenText(right)) return unreadable.has(readingOf(right, left))
  // Numbers stand for truth values and the other way round.
  return ![left, right].every(({ family }) => family === 'number' || family === 'boolean')
}

function hintFor(left: Operand, right: Operand): string {
  const [column, other] = left.column === undefined ? [right, left] : [left, right]
  if (isWrittenText(other) && column.family !== 'text') return `compare it with a ${nameOf(column)}`
  if (other.constant !== undefined && column.family === 'text')
    return `compare it with a text, '${String(other.constant)}', or convert it: CAST(${column.column} AS BIGINT)`
  return 'bring both sides to one type: with CAST, or with the config types of a select_mod before'
}

/**
 * A text that is written out beside values of another type: the engine reads it as that type, and fails in the first row that it is taken for. Two
 * columns of unlike types it refuses by itself.
 */
function describeChosen({ of, among }: Meeting & { readonly kind: 'chosen' }, unreadable: ReadonlySet<string>): Unlike | undefined {
  // An expression may be of a type that goes with the text.
  const known = among.filter((operand) => operand !== undefined)
  const typed = known.filter(({ family }) => family !== 'text')
  const [value] = typed
  if (value === undefined || known.length < among.length) return undefined
  const text = known.find((each) => isWrittenText(each) && typed.every((other) => unreadable.has(readingOf(each, other))))
  if (text === undefined) return undefined
  return {
    message: `${of} gives ${value.label} or ${text.label}, which is no ${nameOf(value)}.`,
    hint: `${value.column === undefined ? 'put the other values in quotes too' : `make a text of the other value: CAST(${value.column} AS VARCHAR)`}, or take NULL in the place of the text`,
    bytes: text.bytes,
  }
}

function nameOf({ family }: Operand): string {
  return family === 'boolean' ? 'truth value' : family
}
