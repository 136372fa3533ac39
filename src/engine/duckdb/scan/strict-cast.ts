import type { Column } from '../../../sdk/relation.js'
import { quoteName, quoteText } from '../statement/literal.js'
import { ISO_FORMAT, pointed, type TextFormat, wholeDigits } from './number-text.js'
import { BAD_VALUE, isNested, lenientNested, nestedMisfit, strictNested } from './strict-nested.js'

/**
 * The conversion of an SQL text expression to a type that fails where the engine's own cast would change the value: it
 * rounds 1.7 to an integer and 1.005 to two decimals, makes infinity of 1e400, and drops the time of a date, and the offset and what is
 * shorter than a microsecond of a timestamp. It does not use
 * TRY_CAST, whose comparison with a constant the engine may rewrite wrongly. By default the engine may repeat the conversion
 * in each filter that reads the column, which is best where few rows pass; `once` keeps it below all filters.
 */
export function strictCast(text: string, type: string, format: TextFormat, times: 'each use' | 'once' = 'each use'): string {
  if (isText(type)) return text
  if (isList(type)) return strictNested(text, type)
  const { value, suspicious, lossy, byResult } = conversion(text, type, format, 'CAST')
  const bad = `concat(${quoteText(BAD_VALUE)}, ${text})`
  // Two steps: the cheap test comes first, and the engine reorders the parts of an AND.
  const checked = `CASE WHEN ${suspicious} THEN CASE WHEN ${lossy} THEN ${times === 'once' ? `error(${bad})` : bad} ELSE ${value} END ELSE ${value} END`
  if (byResult === true) {
    const failed = times === 'once' ? `error(${bad})` : bad
    const converted = `CAST(${value} AS ${type})`
    return `CASE WHEN ${suspicious} THEN CASE WHEN ${lossy} THEN CAST(${failed} AS ${type}) ELSE ${converted} END ELSE ${converted} END`
  }
  const pattern = timePattern(type, format)
  return pattern === undefined ? `CAST(${checked} AS ${type})` : `CAST(strptime(${checked}, ${quoteText(pattern)}) AS ${type})`
}

/** True where a text that is not NULL does not fit the type, as an SQL condition. */
export function misfit(text: string, type: string, format: TextFormat): string {
  if (isText(type)) return 'FALSE'
  if (isList(type)) return nestedMisfit(text, type)
  const { value, suspicious, lossy } = conversion(text, type, format, 'TRY_CAST')
  const pattern = timePattern(type, format)
  const converted =
    pattern === undefined ? `TRY_CAST(${value} AS ${type})` : `TRY_CAST(try_strptime(${value}, ${quoteText(pattern)}) AS ${type})`
  return `(${text} IS NOT NULL AND (${converted} IS NULL OR CASE WHEN ${suspicious} THEN ${lossy} ELSE FALSE END))`
}

/** The conversion with NULL where a text does not fit; for rows that {@link misfit} has told apart. */
export function lenientCast(text: string, type: string, format: TextFormat): string {
  if (isList(type)) return lenientNested(text, type)
  return isText(type) ? text : `CASE WHEN NOT ${misfit(text, type, format)} THEN ${strictCast(text, type, format)} END`
}

/** A column converted to a type: text and fractions strictly, other types as the engine does, which fails where a value is out of range. */
export function castColumn(columns: readonly Column[], name: string, type: string): string {
  const from = columns.find((column) => column.name === name)?.type ?? ''
  const column = quoteName(name)
  if (from === 'VARCHAR') return strictCast(column, type, ISO_FORMAT)
  const converted = `CAST(${column} AS ${type})`
  if (!mayRound(from, type)) return converted
  return `CASE WHEN CAST(${converted} AS ${from}) <> ${column} THEN CAST(concat(${quoteText(BAD_VALUE)}, ${column}) AS ${type}) ELSE ${converted} END`
}

/** True where {@link castColumn} fails, as an SQL condition. */
export function castMisfit(columns: readonly Column[], name: string, type: string): string {
  const from = columns.find((column) => column.name === name)?.type ?? ''
  const column = quoteName(name)
  if (from === 'VARCHAR') return misfit(column, type, ISO_FORMAT)
  const converted = `TRY_CAST(${column} AS ${type})`
  const rounded = mayRound(from, type) ? ` OR CAST(${converted} AS ${from}) <> ${column}` : ''
  return `(${column} IS NOT NULL AND (${converted} IS NULL${rounded}))`
}

/** The engine rounds fractions to integers, and to fewer decimals. */
function mayRound(from: string, to: string): boolean {
  return (FLOAT.test(from) || DECIMAL.test(from)) && (INTEGER.test(to.trim()) || DECIMAL.test(to.trim()))
}

/** A nested type that is not JSON itself. */
function isList(type: string): boolean {
  return isNested(type) && !/^JSON$/i.test(type.trim())
}

function isText(type: string): boolean {
  return /^(VARCHAR|TEXT|STRING|CHAR|BPCHAR)\b/i.test(type.trim()) && !isNested(type)
}

const INTEGER = /^(U?(TINYINT|SMALLINT|INTEGER|INT|BIGINT|HUGEINT)|INT[1248]|SHORT|LONG|SIGNED|BIGNUM)$/i
/** Types that are mostly taken for long numbers: keys. */
const WIDE_INTEGER = /^(U?(BIGINT|HUGEINT)|INT8|LONG|BIGNUM)$/i
const DECIMAL = /^(?:DECIMAL|NUMERIC)(?:\s*\(\s*\d+\s*(?:,\s*(\d+)\s*)?\))?$/i
const FLOAT = /^(DOUBLE|FLOAT|REAL|FLOAT4|FLOAT8)$/i
const TIMESTAMP = /^(TIMESTAMP|DATETIME|TIMESTAMP_(S|MS|NS))$/i
const ZONED = /^(TIMESTAMPTZ|TIMESTAMP WITH TIME ZONE)$/i
/** Digits behind the point of a second that a type of timestamps holds, by its suffix. */
const FRACTION_DIGITS: { readonly [suffix: string]: number } = { S: 0, MS: 3, NS: 9 }

/** How a text is converted. */
interface Conversion {
  /** The text as the engine's cast reads it. */
  readonly value: string
  /** A cheap condition without which no value is changed. */
  readonly suspicious: string
  /** The condition under which the cast would change a suspicious value. */
  readonly lossy: string
  /** The conditions look at the result of the cast, which is then computed only once. */
  readonly byResult?: boolean
}

const FAITHFUL = { suspicious: 'FALSE', lossy: 'FALSE' }

function conversion(text: string, type: string, format: TextFormat, cast: 'CAST' | 'TRY_CAST'): Conversion {
  const name = type.trim()
  if (INTEGER.test(name)) {
    const { value } = pointed(text, format)
    const isPlain = value === text
    return {
      value,
      // Most integers are written as the engine writes them. What has two characters and begins with none of . + - is converted
      // to what it says, or not at all: the cheaper test where most values are short, and one too many where they are not.
      suspicious: `${WIDE_INTEGER.test(name) || !isPlain ? '' : `(strlen(${text}) > 2 OR ${text} < '0') AND `}CAST(${cast}(${value} AS ${name}) AS VARCHAR) <> ${text}`,
      lossy: `NOT regexp_full_match(${text}, ${quoteText(`\\s*[+-]?${wholeDigits('[0-9]+', format)}([${format.decimal}]0*|[eE]\\+?[0-9]+)?\\s*`)})`,
      byResult: true,
    }
  }
  const decimal = DECIMAL.exec(name)
  if (decimal !== null) return decimalConversion(text, decimal[1] === undefined ? (name.includes('(') ? 0 : 3) : Number(decimal[1]), format)
  if (FLOAT.test(name)) {
    const { value, suspicious, misplaced } = pointed(text, format)
    // Infinity is what a text with digits becomes that is out of range.
    const overflows = `NOT isfinite(${cast}(${value} AS ${name}))`
    return {
      value,
      suspicious: `(${suspicious} OR ${overflows})`,
      lossy: `(${misplaced} OR (${overflows} AND regexp_matches(${text}, '[0-9]')))`,
      byResult: true,
    }
  }
  if (/^DATE$/i.test(name) && format.dateFormat === undefined) {
    return { value: text, suspicious: `length(${text}) > 10`, lossy: `length(trim(${text})) > 10` }
  }
  const instant = TIMESTAMP.exec(name)
  if (instant !== null && format.timestampFormat === undefined) {
    const tooFine = hasFraction(text, FRACTION_DIGITS[instant[2]?.toUpperCase() ?? ''] ?? 6)
    return {
      value: text,
      suspicious: `length(${text}) > 19`,
      lossy: `(regexp_matches(${text}, '[+-][0-9]{2}(:?[0-9]{2})?\\s*$') OR ${tooFine})`,
    }
  }
  if (ZONED.test(name) && format.timestampFormat === undefined)
    return { value: text, suspicious: `length(${text}) > 26`, lossy: hasFraction(text, 6) }
  if (/^TIME$/i.test(name)) return { value: text, suspicious: `length(${text}) > 15`, lossy: hasFraction(text, 6) }
  return { value: text, ...FAITHFUL }
}

function decimalConversion(text: string, scale: number, format: TextFormat): Conversion {
  const { value, suspicious } = pointed(text, format)
  const point = quoteText(format.decimal)
  return {
    value,
    suspicious: `(${suspicious} OR (strlen(${text}) - strpos(${text}, ${point}) > ${scale} AND contains(${text}, ${point})) OR ${hasNegativeExponent(text)})`,
    lossy: `NOT regexp_full_match(${text}, ${quoteText(`\\s*[+-]?${wholeDigits('[0-9]*', format)}[${format.decimal}]?[0-9]{0,${scale}}0*\\s*`)})`,
  }
}

/** True for a second with more digits behind the point than `digits`, unless the others are zeros. */
function hasFraction(text: string, digits: number): string {
  return `regexp_matches(${text}, '\\.[0-9]{${digits}}[0-9]*[1-9]')`
}

function hasNegativeExponent(text: string): string {
  return `strpos(${text}, '-') > 1`
}

function timePattern(type: string, format: TextFormat): string | undefined {
  if (/^DATE$/i.test(type.trim())) return format.dateFormat
  if (TIMESTAMP.test(type.trim()) || ZONED.test(type.trim())) return format.timestampFormat
  return undefined
}
