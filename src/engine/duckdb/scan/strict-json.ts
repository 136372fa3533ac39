import { quoteText } from '../literal.js'
import { BAD_VALUE, ISO_FORMAT, isNested, misfit, strictCast } from './strict-cast.js'

/** Types of numbers that the engine's conversion from JSON would round to. */
const EXACT_NUMBER = /\bU?(TINYINT|SMALLINT|INTEGER|INT|BIGINT|HUGEINT)\b|\b(DECIMAL|NUMERIC)\s*(\(\s*\d+\s*(,\s*\d+\s*)?\))?/gi

/** The conversion of an SQL JSON expression to a list, a struct or a map; it fails where a number in it would be rounded. */
export function strictJson(json: string, type: string): string {
  const bad = `error(concat(${quoteText(BAD_VALUE)}, CAST(${json} AS VARCHAR)))`
  return `CASE WHEN ${isRounded(json, type)} THEN ${bad} ELSE CAST(${json} AS ${type}) END`
}

/** The strict conversion of an SQL text expression to any type: the text of a nested one is JSON. */
export function strictValue(text: string, type: string): string {
  return isNested(type) ? strictJson(`CAST(${text} AS JSON)`, type) : strictCast(text, type, ISO_FORMAT)
}

/** True where {@link strictValue} fails, as an SQL condition. */
export function valueMisfit(text: string, type: string): string {
  if (!isNested(type)) return misfit(text, type, ISO_FORMAT)
  return `(${text} IS NOT NULL AND TRY_CAST(${text} AS JSON) IS NULL OR ${jsonMisfit(`TRY_CAST(${text} AS JSON)`, type)})`
}

/** The conversion with NULL where something in the JSON does not fit. TRY, for TRY_CAST makes NULL of a bad element and keeps the list. */
export function lenientJson(json: string, type: string): string {
  return `CASE WHEN NOT ${isRounded(json, type)} THEN TRY(CAST(${json} AS ${type})) END`
}

/** True where a JSON value that is not NULL does not fit the type, as an SQL condition. */
export function jsonMisfit(json: string, type: string): string {
  return `(${json} IS NOT NULL AND ${lenientJson(json, type)} IS NULL)`
}

/** A number that has been rounded differs from itself as a DOUBLE. */
function isRounded(json: string, type: string): string {
  const wide = type.replace(EXACT_NUMBER, 'DOUBLE')
  if (wide === type) return 'FALSE'
  return `(TRY(CAST(${json} AS ${wide})) IS DISTINCT FROM CAST(TRY(CAST(${json} AS ${type})) AS ${wide}))`
}
