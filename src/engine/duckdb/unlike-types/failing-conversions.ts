import type { Session } from '../session.js'
import { quoteText } from '../statement/literal.js'
import type { Conversion } from './conversion.js'

/** Types of which only what they are is known here. */
const NESTED = /^(STRUCT|MAP|UNION|ARRAY|LIST)\b/

/** The conversions that fail: of texts those that cannot be read as the type, of which the engine itself is asked, at most once. */
export async function findFailing(conversions: readonly Conversion[], session: Session): Promise<ReadonlySet<Conversion>> {
  const readings = new Map<string, Conversion[]>()
  for (const conversion of conversions) {
    const { value, to } = conversion
    if (value.text === undefined || NESTED.test(to)) continue
    const reading = `TRY_CAST(${quoteText(value.text)} AS ${to}) IS NULL`
    readings.set(reading, [...(readings.get(reading) ?? []), conversion])
  }
  const failing = new Set(conversions.filter(({ value }) => value.text === undefined))
  if (readings.size === 0) return failing
  const [answers = []] = await (await session.run(`SELECT ${[...readings.keys()].join(', ')}`)).getRows()
  for (const [i, own] of [...readings.values()].entries()) if (answers[i] === true) for (const each of own) failing.add(each)
  return failing
}
