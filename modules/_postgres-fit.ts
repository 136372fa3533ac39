/** Which values a column of PostgreSQL holds as they are. The server would round and cut off the others, or read a text by its own rules. */
import { PypeError } from 'pypeline/sdk'
import { readListType } from './_postgres-engine-types.js'
import { quoteName, quoteText } from './_postgres-names.js'
import type { TableColumn } from './_postgres-table.js'

/** How a value gets to the server. */
export interface Fit {
  /** SQL of the engine: true for a value that is not NULL and that the column holds; false or NULL for others. */
  readonly fits: string
  /** SQL of what is sent in place of the value. */
  readonly value?: string
}

type Target = Pick<TableColumn, 'name' | 'typeId' | 'typeName' | 'element' | 'modifier'>

const [MONEY, CHAR, NAME, BPCHAR, TEXT_N, NUMERIC, REAL, DOUBLE] = [790, 18, 19, 1042, 1043, 1700, 700, 701]
const [DATE, TIME, STAMP, ZONED] = [1082, 1083, 1114, 1184]
/** Types of whole numbers, and the engine's of the same range. */
const WHOLE: ReadonlyMap<number, string> = new Map([
  [20, 'BIGINT'],
  [21, 'SMALLINT'],
  [23, 'INTEGER'],
  [26, 'UINTEGER'],
])

const IS_WHOLE = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/
const IS_FLOAT = /^(FLOAT|DOUBLE)$/
const IS_STAMP = /^TIMESTAMP(_S|_MS|_NS)?$/
const DECIMAL_SCALE = /^DECIMAL\(\d+,(\d+)\)$/
/** Whole numbers that a type holds all of. */
const IN_REAL = /^(FLOAT|U?(TINYINT|SMALLINT))$/
const IN_DOUBLE = /^(FLOAT|DOUBLE|U?(TINYINT|SMALLINT|INTEGER))$/

/**
 * How the values of an engine's type go into a column; `value` is SQL. Undefined: the column holds all of them, or the server refuses
 * what it does not hold. Throws SCHEMA_MISMATCH where the column keeps but a part of each value.
 */
export function fitOf(type: string, to: Target, value: string): Fit | undefined {
  refuseLoss(type, to)
  const list = readListType(type)
  if (list !== undefined)
    return to.element === undefined ? undefined : fitElements(list.of, list.depth, { ...to, typeId: to.element }, value)
  if (type === 'BLOB' || /^(STRUCT|MAP|UNION)\(/.test(type)) return undefined
  const text = type === 'VARCHAR' ? value : `CAST(${value} AS VARCHAR)`
  const whole = WHOLE.get(to.typeId)
  if (whole !== undefined) return fitWhole(type, whole, value, text)
  switch (to.typeId) {
    case NUMERIC:
      return fitNumeric(type, to.modifier, value, text)
    case REAL:
    case DOUBLE:
      return fitFloat(type, to.typeId, value, text)
    case MONEY:
      return { fits: `NOT regexp_matches(${text}, '\\.[0-9]{2}[0-9]*[1-9]|[eE]-')` }
    case DATE:
    case TIME:
    case STAMP:
    case ZONED:
      return fitTime(type, to, value, text)
    case BPCHAR:
    case TEXT_N:
      // What is longer by blanks only is cut off without a word.
      return to.modifier < 0 ? undefined : { fits: `length(${text}) <= ${to.modifier - 4}` }
    case NAME:
      return { fits: `strlen(${text}) < 64` }
    case CHAR:
      return { fits: `strlen(${text}) <= 1` }
    default:
      return undefined
  }
}

/** The value of a column with its check: the statement fails with a text for {@link readMisfit} at one that does not fit. */
export function checked(name: string, to: Target, { fits }: Fit, value: string, row: string): string {
  const column = quoteName(name)
  const begin = `${MISFIT}Column ${column}: `
  const end = ` does not fit the type ${to.typeName} of the table. The row is: `
  const shown = `left(CAST(to_json(CAST(${column} AS VARCHAR)) AS VARCHAR), ${SHOWN})`
  const whole = `left(CAST(to_json(${quoteName(row)}) AS VARCHAR), ${SHOWN})`
  const fail = `error(concat(${quoteText(begin)}, ${shown}, ${quoteText(end)}, ${whole}))`
  return `CASE WHEN ${column} IS NULL OR (${fits}) THEN ${value} ELSE ${fail} END`
}

const MISFIT = 'does not fit a column of PostgreSQL: '
/** Characters of a value or a row in a message. */
const SHOWN = 200

/** BAD_ROW in place of the failure of {@link checked}; other errors as they are. */
export function readMisfit(error: unknown): unknown {
  const start = error instanceof PypeError ? error.message.indexOf(MISFIT) : -1
  if (!(error instanceof PypeError) || start < 0) return error
  return new PypeError('BAD_ROW', error.message.slice(start + MISFIT.length), {
    hint: 'nothing is rounded or cut off: convert such values before with derive_mod (round, trim, strptime), keep them away with filter_mod, or change the type of the column',
    cause: error,
  })
}

/** What is lost in every value is told before the first one. */
function refuseLoss(type: string, to: Target): void {
  const list = readListType(type)
  const [from, typeId] = list === undefined ? [type, to.typeId] : [list.of, to.element]
  const lost =
    from === 'TIMESTAMP WITH TIME ZONE' && (typeId === STAMP || typeId === DATE || typeId === TIME)
      ? 'time zone'
      : from === 'TIME WITH TIME ZONE' && typeId === TIME
        ? 'time zone'
        : IS_STAMP.test(from) && typeId === TIME
          ? 'date'
          : undefined
  if (lost === undefined) return
  throw new PypeError(
    'SCHEMA_MISMATCH',
    `The column ${to.name} of the table is a ${to.typeName}: the ${lost} of each ${from} would be lost.`,
    {
      hint: `convert the column with select_mod before, which takes the time_zone of the flow: types: {${to.name}: ${typeId === DATE ? 'DATE' : typeId === TIME ? 'TIME' : 'TIMESTAMP'}}; or change the type of the column`,
    },
  )
}

function fitElements(type: string, depth: number, to: Target, value: string): Fit | undefined {
  const inner = fitOf(type, { ...to, element: undefined }, 'element')
  if (inner === undefined) return undefined
  let flat = value
  for (let i = 1; i < depth; i++) flat = `flatten(${flat})`
  const misfits = `list_filter(${flat}, lambda element: element IS NOT NULL AND NOT COALESCE(${inner.fits}, FALSE))`
  return { fits: `len(${misfits}) = 0` }
}

function fitWhole(type: string, whole: string, value: string, text: string): Fit | undefined {
  if (IS_WHOLE.test(type)) return undefined
  const converted = `TRY_CAST(${value} AS ${whole})`
  if (IS_FLOAT.test(type) || DECIMAL_SCALE.test(type)) return { fits: `CAST(${converted} AS ${type}) = ${value}`, value: converted }
  const fits = `regexp_full_match(${text}, '\\s*[+-]?[0-9]+(\\.0*)?\\s*') AND ${converted} IS NOT NULL`
  return { fits, value: converted }
}

function fitNumeric(type: string, modifier: number, value: string, text: string): Fit | undefined {
  // Without a precision it holds any digit.
  if (modifier < 0) return undefined
  const precision = ((modifier - 4) >> 16) & 0xffff
  // Eleven bits with a sign.
  const scale = (((modifier - 4) & 0x7ff) ^ 0x400) - 0x400
  if (scale >= 0 && (IS_WHOLE.test(type) || Number(DECIMAL_SCALE.exec(type)?.[1] ?? Number.NaN) <= scale)) return undefined
  if (IS_FLOAT.test(type) && precision <= 38 && scale >= 0 && scale <= precision) {
    const converted = `TRY_CAST(${value} AS DECIMAL(${precision},${scale}))`
    return {
      fits: `isnan(${value}) OR CAST(${converted} AS ${type}) = ${value}`,
      value: `CASE WHEN isnan(${value}) THEN 'NaN' ELSE CAST(${converted} AS VARCHAR) END`,
    }
  }
  const exponent = scale < 0 ? '' : '([eE]\\+?[0-9]+)?'
  const digits = scale < 0 ? `([0-9]*0{${-scale}}|0+)(\\.0*)?` : `([0-9]+(\\.[0-9]{0,${scale}}0*|${exponent})|\\.[0-9]{0,${scale}}0*)`
  return { fits: `regexp_full_match(${text}, '\\s*([+-]?${digits}|(?i:nan))\\s*')` }
}

function fitFloat(type: string, typeId: number, value: string, text: string): Fit | undefined {
  if ((typeId === REAL ? IN_REAL : IN_DOUBLE).test(type)) return undefined
  const float = typeId === REAL ? 'FLOAT' : 'DOUBLE'
  const converted = `TRY_CAST(${value} AS ${float})`
  // The shortest text that means the number: what says 0.1 may stay 0.1.
  if (type === 'DOUBLE') return { fits: `CAST(${converted} AS VARCHAR) = ${text}`, value: converted }
  if (IS_WHOLE.test(type) || DECIMAL_SCALE.test(type)) return { fits: `TRY_CAST(${converted} AS ${type}) = ${value}` }
  // The server refuses what is out of range.
  return { fits: `regexp_full_match(${text}, '\\s*([+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?|(?i:nan|[+-]?inf(inity)?))\\s*')` }
}

const ISO_DATE = '[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}'
const INFINITE = '(?i:[+-]?infinity)'

function fitTime(type: string, to: Target, value: string, text: string): Fit | undefined {
  const digits = to.modifier < 0 ? 6 : to.modifier
  const whole = `epoch_us(${value}) % ${10 ** (6 - digits)} = 0`
  const clock = `[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{0,${digits}}0*)?)?`
  if (to.typeId === DATE) {
    if (type === 'DATE') return undefined
    if (IS_STAMP.test(type)) return { fits: `CAST(CAST(${value} AS DATE) AS ${type}) = ${value}`, value: `CAST(${value} AS DATE)` }
    return { fits: `regexp_full_match(${text}, '\\s*(${ISO_DATE}( BC)?|${INFINITE})\\s*')` }
  }
  if (to.typeId === TIME) {
    if (type === 'TIME') return digits === 6 ? undefined : { fits: whole }
    return { fits: `regexp_full_match(${text}, '\\s*${clock}\\s*')` }
  }
  if (type === 'TIMESTAMP WITH TIME ZONE') return digits === 6 ? undefined : { fits: `NOT isfinite(${value}) OR ${whole}` }
  if (type === 'DATE') return to.typeId === STAMP ? undefined : { fits: 'TRUE', value: `CAST(${value} AS TIMESTAMPTZ)` }
  if (IS_STAMP.test(type)) {
    const exact = type === 'TIMESTAMP_NS' ? [`CAST(CAST(${value} AS TIMESTAMP) AS TIMESTAMP_NS) = ${value}`] : []
    const rounded = digits === 6 ? [] : [`(NOT isfinite(${value}) OR ${whole})`]
    if (to.typeId === STAMP) {
      const all = [...exact, ...rounded]
      return all.length === 0 ? undefined : { fits: all.join(' AND ') }
    }
    // In the time zone of the flow, as everywhere in it. Some clocks skip an hour.
    const zoned = `CAST(CAST(${value} AS TIMESTAMP) AS TIMESTAMPTZ)`
    return { fits: [...exact, ...rounded, `CAST(${zoned} AS TIMESTAMP) = ${value}`].join(' AND '), value: zoned }
  }
  if (to.typeId === STAMP) return { fits: `regexp_full_match(${text}, '\\s*(${ISO_DATE}([ T]${clock})?( BC)?|${INFINITE})\\s*')` }
  const zone = '( ?(Z|z|UTC|[+-][0-9]{2}(:?[0-9]{2})?(:[0-9]{2})?))?'
  const zoned = `TRY_CAST(${text} AS TIMESTAMPTZ)`
  return {
    fits: `${zoned} IS NOT NULL AND regexp_full_match(${text}, '\\s*(${ISO_DATE}([ T]${clock}${zone})?|${INFINITE})\\s*')`,
    value: zoned,
  }
}
