/** Which values a column of PostgreSQL holds as they are. The server would round and cut off the others, or read a text by its own rules. */
import { PypeError } from 'pypeline/sdk'
import { hasFields, readListType } from './_postgres-engine-types.js'
import { fitTime, IS_STAMP } from './_postgres-fit-time.js'
import type { Fit, FitTarget } from './_postgres-misfit.js'
import { TYPE_ID } from './_postgres-type-ids.js'

/** Types of whole numbers, and the engine's of the same range. */
const WHOLE: ReadonlyMap<number, string> = new Map([
  [TYPE_ID.int8, 'BIGINT'],
  [TYPE_ID.int2, 'SMALLINT'],
  [TYPE_ID.int4, 'INTEGER'],
  [TYPE_ID.oid, 'UINTEGER'],
])

const IS_WHOLE = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/
const IS_FLOAT = /^(FLOAT|DOUBLE)$/
const DECIMAL_SCALE = /^DECIMAL\(\d+,(\d+)\)$/
/** Whole numbers that a type holds all of. */
const IN_REAL = /^(FLOAT|U?(TINYINT|SMALLINT))$/
const IN_DOUBLE = /^(FLOAT|DOUBLE|U?(TINYINT|SMALLINT|INTEGER))$/

/**
 * How the values of an engine's type go into a column; `value` is SQL. Undefined: the column holds all of them, or the server refuses
 * what it does not hold. Throws SCHEMA_MISMATCH where the column keeps but a part of each value.
 */
export function fitOf(type: string, to: FitTarget, value: string): Fit | undefined {
  refuseLoss(type, to)
  const list = readListType(type)
  if (list !== undefined)
    return to.element === undefined ? undefined : fitElements(list.of, list.depth, { ...to, typeId: to.element }, value)
  if (type === 'BLOB' || hasFields(type)) return undefined
  const text = type === 'VARCHAR' ? value : `CAST(${value} AS VARCHAR)`
  const whole = WHOLE.get(to.typeId)
  if (whole !== undefined) return fitWhole(type, whole, value, text)
  switch (to.typeId) {
    case TYPE_ID.numeric:
      return fitNumeric(type, to.modifier, value, text)
    case TYPE_ID.float4:
    case TYPE_ID.float8:
      return fitFloat(type, to.typeId, value, text)
    case TYPE_ID.money:
      return { fits: `NOT regexp_matches(${text}, '\\.[0-9]{2}[0-9]*[1-9]|[eE]-')` }
    case TYPE_ID.date:
    case TYPE_ID.time:
    case TYPE_ID.timestamp:
    case TYPE_ID.timestamptz:
      return fitTime(type, to, value, text)
    case TYPE_ID.bpchar:
    case TYPE_ID.varchar:
      // What is longer by blanks only is cut off without a word.
      return to.modifier < 0 ? undefined : { fits: `length(${text}) <= ${to.modifier - 4}` }
    case TYPE_ID.name:
      return { fits: `strlen(${text}) < 64` }
    case TYPE_ID.char:
      return { fits: `strlen(${text}) <= 1` }
    default:
      return undefined
  }
}

/** As a fit of a value, and for texts that no character 0 is in them: the server has none, and its error names no column. */
export function withoutNul(type: string, fit: Fit | undefined, value: string): Fit | undefined {
  const list = readListType(type)
  if ((list?.of ?? type) !== 'VARCHAR') return fit
  const flat = Array.from({ length: (list?.depth ?? 1) - 1 }).reduce<string>((inner) => `flatten(${inner})`, value)
  const own = list === undefined ? `NOT contains(${value}, chr(0))` : `COALESCE(NOT contains(array_to_string(${flat}, ''), chr(0)), TRUE)`
  return { ...fit, fits: fit === undefined ? own : `(${fit.fits}) AND ${own}` }
}

/** What is lost in every value is told before the first one. */
function refuseLoss(type: string, to: FitTarget): void {
  const list = readListType(type)
  const [from, typeId] = list === undefined ? [type, to.typeId] : [list.of, to.element]
  const lost =
    from === 'TIMESTAMP WITH TIME ZONE' && (typeId === TYPE_ID.timestamp || typeId === TYPE_ID.date || typeId === TYPE_ID.time)
      ? 'time zone'
      : from === 'TIME WITH TIME ZONE' && typeId === TYPE_ID.time
        ? 'time zone'
        : IS_STAMP.test(from) && typeId === TYPE_ID.time
          ? 'date'
          : undefined
  if (lost === undefined) return
  throw new PypeError(
    'SCHEMA_MISMATCH',
    `The column ${to.name} of the table is a ${to.typeName}: the ${lost} of each ${from} would be lost.`,
    {
      hint: `convert the column with select_mod before, which takes the time_zone of the flow: types: {${to.name}: ${typeId === TYPE_ID.date ? 'DATE' : typeId === TYPE_ID.time ? 'TIME' : 'TIMESTAMP'}}; or change the type of the column`,
    },
  )
}

function fitElements(type: string, depth: number, to: FitTarget, value: string): Fit | undefined {
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
  if ((typeId === TYPE_ID.float4 ? IN_REAL : IN_DOUBLE).test(type)) return undefined
  const float = typeId === TYPE_ID.float4 ? 'FLOAT' : 'DOUBLE'
  const converted = `TRY_CAST(${value} AS ${float})`
  // The shortest text that means the number: what says 0.1 may stay 0.1.
  if (type === 'DOUBLE') return { fits: `CAST(${converted} AS VARCHAR) = ${text}`, value: converted }
  if (IS_WHOLE.test(type) || DECIMAL_SCALE.test(type)) return { fits: `TRY_CAST(${converted} AS ${type}) = ${value}` }
  // The server refuses what is out of range.
  return { fits: `regexp_full_match(${text}, '\\s*([+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?|(?i:nan|[+-]?inf(inity)?))\\s*')` }
}
