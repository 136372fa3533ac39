import { quoteText } from '../literal.js'

/** How texts are read as values. */
export interface TextFormat {
  /** strptime format of dates; undefined: ISO 8601. */
  readonly dateFormat?: string | undefined
  readonly timestampFormat?: string | undefined
  readonly decimal: '.' | ','
}

export const ISO_FORMAT: TextFormat = { decimal: '.' }

/** Begins the text that a value which does not fit is replaced by, so that its conversion fails and the failure is known for what it is. */
export const BAD_VALUE = 'does not fit: '

/**
 * The conversion of an SQL text expression to a type that fails where the engine's own cast would change the value: it
 * rounds 1.7 to an integer and 1.005 to two decimals, and drops the time of a date and the offset of a timestamp. It does not use
 * TRY_CAST, whose comparison with a constant the engine may rewrite wrongly.
 */
export function strictCast(text: string, type: string, format: TextFormat): string {
  if (isText(type)) return text
  const { value, lossy } = conversion(text, type, format)
  const checked = lossy === undefined ? value : `CASE WHEN ${lossy} THEN concat(${quoteText(BAD_VALUE)}, ${text}) ELSE ${value} END`
  const pattern = timePattern(type, format)
  return pattern === undefined ? `CAST(${checked} AS ${type})` : `CAST(strptime(${checked}, ${quoteText(pattern)}) AS ${type})`
}

/** True where a text that is not NULL does not fit the type, as an SQL condition. */
export function misfit(text: string, type: string, format: TextFormat): string {
  if (isText(type)) return 'FALSE'
  const { value, lossy } = conversion(text, type, format)
  const pattern = timePattern(type, format)
  const converted =
    pattern === undefined ? `TRY_CAST(${value} AS ${type})` : `TRY_CAST(try_strptime(${value}, ${quoteText(pattern)}) AS ${type})`
  return `(${text} IS NOT NULL AND (${converted} IS NULL${lossy === undefined ? '' : ` OR ${lossy}`}))`
}

/** The conversion with NULL where a text does not fit; for rows that {@link misfit} has told apart. */
export function lenientCast(text: string, type: string, format: TextFormat): string {
  return isText(type) ? text : `CASE WHEN NOT ${misfit(text, type, format)} THEN ${strictCast(text, type, format)} END`
}

function isText(type: string): boolean {
  return /^(VARCHAR|TEXT|STRING|CHAR|BPCHAR)\b/i.test(type.trim())
}

const INTEGER = /^(U?(TINYINT|SMALLINT|INTEGER|INT|BIGINT|HUGEINT)|INT[1248]|SHORT|LONG|SIGNED|BIGNUM)$/i
const DECIMAL = /^(?:DECIMAL|NUMERIC)(?:\s*\(\s*\d+\s*(?:,\s*(\d+)\s*)?\))?$/i
const FLOAT = /^(DOUBLE|FLOAT|REAL|FLOAT4|FLOAT8)$/i
const TIMESTAMP = /^(TIMESTAMP|DATETIME|TIMESTAMP_(S|MS|NS))$/i

/** The text as the engine's cast reads it, and the condition under which that cast would change the value. */
function conversion(text: string, type: string, format: TextFormat): { value: string; lossy: string | undefined } {
  const name = type.trim()
  if (INTEGER.test(name)) {
    return {
      value: text,
      lossy: `((contains(${text}, '.') OR contains(lower(${text}), 'e')) AND NOT regexp_full_match(${text}, '\\s*[+-]?[0-9]+\\.0*\\s*'))`,
    }
  }
  const decimal = DECIMAL.exec(name)
  if (decimal !== null) return decimalConversion(text, decimal[1] === undefined ? (name.includes('(') ? 0 : 3) : Number(decimal[1]), format)
  if (FLOAT.test(name)) return pointed(text, format)
  if (/^DATE$/i.test(name) && format.dateFormat === undefined) return { value: text, lossy: `length(trim(${text})) > 10` }
  if (TIMESTAMP.test(name) && format.timestampFormat === undefined) {
    return { value: text, lossy: `(length(${text}) > 19 AND regexp_matches(${text}, '[+-][0-9]{2}(:?[0-9]{2})?\\s*$'))` }
  }
  return { value: text, lossy: undefined }
}

function decimalConversion(text: string, scale: number, format: TextFormat): { value: string; lossy: string } {
  const { value, lossy } = pointed(text, format)
  const point = format.decimal
  const excess = `((strpos(${text}, ${quoteText(point)}) > 0 AND length(${text}) - strpos(${text}, ${quoteText(point)}) > ${scale} OR contains(lower(${text}), 'e')) AND NOT regexp_full_match(${text}, '\\s*[+-]?[0-9]*[${point}]?[0-9]{0,${scale}}0*\\s*'))`
  return { value, lossy: lossy === undefined ? excess : `(${lossy} OR ${excess})` }
}

/** With a decimal comma a point has no meaning that we could know. */
function pointed(text: string, format: TextFormat): { value: string; lossy: string | undefined } {
  if (format.decimal === '.') return { value: text, lossy: undefined }
  return { value: `replace(${text}, ',', '.')`, lossy: `contains(${text}, '.')` }
}

function timePattern(type: string, format: TextFormat): string | undefined {
  if (/^DATE$/i.test(type.trim())) return format.dateFormat
  if (TIMESTAMP.test(type.trim()) || /^TIMESTAMP(TZ| WITH TIME ZONE)$/i.test(type.trim())) return format.timestampFormat
  return undefined
}
