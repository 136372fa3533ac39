/** Which values columns of dates and times hold as they are. */
import type { Fit, FitTarget } from './_postgres-misfit.js'
import { TYPE_ID } from './_postgres-type-ids.js'

/** The engine's timestamps without a time zone. */
export const IS_STAMP = /^TIMESTAMP(_S|_MS|_NS)?$/
const ISO_DATE = '[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}'
const INFINITE = '(?i:[+-]?infinity)'

/** How the values of an engine's type go into a column of dates or times, as `fitOf` says it of all columns; `text` is SQL too. */
export function fitTime(type: string, to: FitTarget, value: string, text: string): Fit | undefined {
  const digits = to.modifier < 0 ? 6 : to.modifier
  const whole = `epoch_us(${value}) % ${10 ** (6 - digits)} = 0`
  const clock = `[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{0,${digits}}0*)?)?`
  if (to.typeId === TYPE_ID.date) {
    if (type === 'DATE') return undefined
    if (IS_STAMP.test(type)) return { fits: `CAST(CAST(${value} AS DATE) AS ${type}) = ${value}`, value: `CAST(${value} AS DATE)` }
    return { fits: `regexp_full_match(${text}, '\\s*(${ISO_DATE}( BC)?|${INFINITE})\\s*')` }
  }
  if (to.typeId === TYPE_ID.time) {
    if (type === 'TIME') return digits === 6 ? undefined : { fits: whole }
    return { fits: `regexp_full_match(${text}, '\\s*${clock}\\s*')` }
  }
  if (type === 'TIMESTAMP WITH TIME ZONE') return digits === 6 ? undefined : { fits: `NOT isfinite(${value}) OR ${whole}` }
  if (type === 'DATE') return to.typeId === TYPE_ID.timestamp ? undefined : { fits: 'TRUE', value: `CAST(${value} AS TIMESTAMPTZ)` }
  if (IS_STAMP.test(type)) {
    const exact = type === 'TIMESTAMP_NS' ? [`CAST(CAST(${value} AS TIMESTAMP) AS TIMESTAMP_NS) = ${value}`] : []
    const rounded = digits === 6 ? [] : [`(NOT isfinite(${value}) OR ${whole})`]
    if (to.typeId === TYPE_ID.timestamp) {
      const all = [...exact, ...rounded]
      return all.length === 0 ? undefined : { fits: all.join(' AND ') }
    }
    // In the time zone of the flow, as everywhere in it. Some clocks skip an hour.
    const zoned = `CAST(CAST(${value} AS TIMESTAMP) AS TIMESTAMPTZ)`
    return { fits: [...exact, ...rounded, `CAST(${zoned} AS TIMESTAMP) = ${value}`].join(' AND '), value: zoned }
  }
  if (to.typeId === TYPE_ID.timestamp)
    return { fits: `regexp_full_match(${text}, '\\s*(${ISO_DATE}([ T]${clock})?( BC)?|${INFINITE})\\s*')` }
  const zone = '( ?(Z|z|UTC|[+-][0-9]{2}(:?[0-9]{2})?(:[0-9]{2})?))?'
  const zoned = `TRY_CAST(${text} AS TIMESTAMPTZ)`
  return {
    fits: `${zoned} IS NOT NULL AND regexp_full_match(${text}, '\\s*(${ISO_DATE}([ T]${clock}${zone})?|${INFINITE})\\s*')`,
    value: zoned,
  }
}
