import type { Column } from '../../../sdk/relation.js'
import { quoteName, quoteText } from '../literal.js'

/** How texts are read as values. */
export interface TextFormat {
  /** strptime format of dates; undefined: ISO 8601. */
  readonly dateFormat?: string | undefined
  readonly timestampFormat?: string | undefined
  readonly decimal: '.' | ','
}

/** Values as ISO 8601 and SQL write them. */
export const ISO_FORMAT: TextFormat = { decimal: '.' }

/** Begins the text that a value which does not fit is replaced by, so that its conversion fails and the failure is known for what it is. */
export const BAD_VALUE = 'does not fit: '

/**
 * The conversion of an SQL text expression to a type that fails where the engine's own cast would change the value: it
 * rounds 1.7 to an integer and 1.005 to two decimals, and drops the time of a date and the offset of a timestamp. It does not use
 * TRY_CAST, whose comparison with a constant the engine may rewrite wrongly. By default the engine may repeat the conversion
 * in each filter that reads the column, which is best where few rows pass; `once` keeps it below all filters.
 */
export function strictCast(text: string, type: string, format: TextFormat, times: 'each use' | 'once' = 'each use'): string {
  if (isText(type)) return text
  const { value, suspicious, lossy } = conversion(text, type, format)
  const bad = `concat(${quoteText(BAD_VALUE)}, ${text})`
  // Two steps: the cheap test comes first, and the engine reorders the parts of an AND.
  const checked = `CASE WHEN ${suspicious} THEN CASE WHEN ${lossy} THEN ${times === 'once' ? `error(${bad})` : bad} ELSE ${value} END ELSE ${value} END`
  const pattern = timePattern(type, format)
  return pattern === undefined ? `CAST(${checked} AS ${type})` : `CAST(strptime(${checked}, ${quoteText(pattern)}) AS ${type})`
}

/** True where a text that is not NULL does not fit the type, as an SQL condition. */
export function misfit(text: string, type: string, format: TextFormat): string {
  if (isText(type)) return 'FALSE'
  const { value, suspicious, lossy } = conversion(text, type, format)
  const pattern = timePattern(type, format)
  const converted =
    pattern === undefined ? `TRY_CAST(${value} AS ${type})` : `TRY_CAST(try_strptime(${value}, ${quoteText(pattern)}) AS ${type})`
  return `(${text} IS NOT NULL AND (${converted} IS NULL OR CASE WHEN ${suspicious} THEN ${lossy} ELSE FALSE END))`
}

/** The conversion with NULL where a text does not fit; for rows that {@link misfit} has told apart. */
export function lenientCast(text: string, type: string, format: TextFormat): string {
  return isText(type) ? text : `CASE WHEN NOT ${misfit(text, type, format)} THEN ${strictCast(text, type, format)} END`
}

/** A column converted to a type: text strictly, other types as the engine does, which fails where a value is out of range. */
export function castColumn(columns: readonly Column[], name: string, type: string): string {
  const isText = columns.find((column) => column.name === name)?.type === 'VARCHAR'
  return isText ? strictCast(quoteName(name), type, ISO_FORMAT) : `CAST(${quoteName(name)} AS ${type})`
}

/** True where {@link castColumn} fails, as an SQL condition. */
export function castMisfit(columns: readonly Column[], name: string, type: string): string {
  const isText = columns.find((column) => column.name === name)?.type === 'VARCHAR'
  return isText
    ? misfit(quoteName(name), type, ISO_FORMAT)
    : `(${quoteName(name)} IS NOT NULL AND TRY_CAST(${quoteName(name)} AS ${type}) IS NULL)`
}

/** A list, a struct or a map: its text is JSON. */
export function isNested(type: string): boolean {
  return /\]$|^(STRUCT|ROW|MAP|UNION)\b|^JSON$/i.test(type.trim())
}

function isText(type: string): boolean {
  return /^(VARCHAR|TEXT|STRING|CHAR|BPCHAR)\b/i.test(type.trim()) && !isNested(type)
}

const INTEGER = /^(U?(TINYINT|SMALLINT|INTEGER|INT|BIGINT|HUGEINT)|INT[1248]|SHORT|LONG|SIGNED|BIGNUM)$/i
const DECIMAL = /^(?:DECIMAL|NUMERIC)(?:\s*\(\s*\d+\s*(?:,\s*(\d+)\s*)?\))?$/i
const FLOAT = /^(DOUBLE|FLOAT|REAL|FLOAT4|FLOAT8)$/i
const TIMESTAMP = /^(TIMESTAMP|DATETIME|TIMESTAMP_(S|MS|NS))$/i

/** How a text is converted. */
interface Conversion {
  /** The text as the engine's cast reads it. */
  readonly value: string
  /** A cheap condition without which no value is changed. */
  readonly suspicious: string
  /** The condition under which the cast would change a suspicious value. */
  readonly lossy: string
}

const FAITHFUL = { suspicious: 'FALSE', lossy: 'FALSE' }

function conversion(text: string, type: string, format: TextFormat): Conversion {
  const name = type.trim()
  if (INTEGER.test(name)) {
    return {
      value: text,
      suspicious: `(contains(${text}, '.') OR ${hasNegativeExponent(text)})`,
      lossy: `NOT regexp_full_match(${text}, '\\s*[+-]?[0-9]+\\.0*\\s*')`,
    }
  }
  const decimal = DECIMAL.exec(name)
  if (decimal !== null) return decimalConversion(text, decimal[1] === undefined ? (name.includes('(') ? 0 : 3) : Number(decimal[1]), format)
  if (FLOAT.test(name)) return { ...pointed(text, format), lossy: 'TRUE' }
  if (/^DATE$/i.test(name) && format.dateFormat === undefined) {
    return { value: text, suspicious: `length(${text}) > 10`, lossy: `length(trim(${text})) > 10` }
  }
  if (TIMESTAMP.test(name) && format.timestampFormat === undefined) {
    return { value: text, suspicious: `length(${text}) > 19`, lossy: `regexp_matches(${text}, '[+-][0-9]{2}(:?[0-9]{2})?\\s*$')` }
  }
  return { value: text, ...FAITHFUL }
}

function decimalConversion(text: string, scale: number, format: TextFormat): Conversion {
  const { value, suspicious } = pointed(text, format)
  const point = quoteText(format.decimal)
  return {
    value,
    suspicious: `(${suspicious} OR (strlen(${text}) - strpos(${text}, ${point}) > ${scale} AND contains(${text}, ${point})) OR ${hasNegativeExponent(text)})`,
    lossy: `NOT regexp_full_match(${text}, '\\s*[+-]?[0-9]*[${format.decimal}]?[0-9]{0,${scale}}0*\\s*')`,
  }
}

/** With a decimal comma a point has no meaning that we could know. */
function pointed(text: string, format: TextFormat): { value: string; suspicious: string } {
  if (format.decimal === '.') return { value: text, suspicious: 'FALSE' }
  return { value: `replace(${text}, ',', '.')`, suspicious: `contains(${text}, '.')` }
}

function hasNegativeExponent(text: string): string {
  return `strpos(${text}, '-') > 1`
}

function timePattern(type: string, format: TextFormat): string | undefined {
  if (/^DATE$/i.test(type.trim())) return format.dateFormat
  if (TIMESTAMP.test(type.trim()) || /^TIMESTAMP(TZ| WITH TIME ZONE)$/i.test(type.trim())) return format.timestampFormat
  return undefined
}
