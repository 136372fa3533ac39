import { quoteText } from '../statement/literal.js'

/** Begins the text that a value which does not fit is replaced by, so that its conversion fails and the failure is known for what it is. */
export const BAD_VALUE = 'does not fit: '

/** Types of numbers that the engine's conversion of nested values would round to. */
const EXACT_NUMBER = /\bU?(TINYINT|SMALLINT|INTEGER|INT|BIGINT|HUGEINT)\b|\b(DECIMAL|NUMERIC)\s*(\(\s*\d+\s*(,\s*\d+\s*)?\))?/gi

/** A list, a struct or a map, or JSON, which is their text. */
export function isNested(type: string): boolean {
  return /\]$|^(STRUCT|ROW|MAP|UNION)\b|^JSON$/i.test(type.trim())
}

/** The conversion of an SQL expression of text or JSON to a list, a struct or a map; it fails where a number in it would be rounded. */
export function strictNested(value: string, type: string): string {
  const bad = `error(concat(${quoteText(BAD_VALUE)}, CAST(${value} AS VARCHAR)))`
  return `CASE WHEN ${isRounded(value, type)} THEN ${bad} ELSE CAST(${value} AS ${type}) END`
}

/** The conversion with NULL where something in the value does not fit. TRY, for TRY_CAST makes NULL of a bad element and keeps the list. */
export function lenientNested(value: string, type: string): string {
  return `CASE WHEN NOT ${isRounded(value, type)} THEN TRY(CAST(${value} AS ${type})) END`
}

/** True where a value that is not NULL does not fit the type, as an SQL condition. */
export function nestedMisfit(value: string, type: string): string {
  return `(${value} IS NOT NULL AND ${lenientNested(value, type)} IS NULL)`
}

/** A number that has been rounded differs from itself as a DOUBLE. */
function isRounded(value: string, type: string): string {
  const wide = type.replace(EXACT_NUMBER, 'DOUBLE')
  if (wide === type) return 'FALSE'
  return `(TRY(CAST(${value} AS ${wide})) IS DISTINCT FROM CAST(TRY(CAST(${value} AS ${type})) AS ${wide}))`
}
