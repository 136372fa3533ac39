/** How the types of PostgreSQL and those of the engine go together. */
import { FIRST_OWN_TYPE, TYPE_ID } from './_postgres-type-ids.js'

/** A column of a table or a query of PostgreSQL. */
export interface PostgresColumn {
  readonly name: string
  readonly typeId: number
  /** As it is written in a definition: `numeric(10,2)`. */
  readonly typeName: string
  /** The type of the elements of an array. */
  readonly element: number | undefined
  /** Precision and scale, or a length, as the server encodes them; -1: none. */
  readonly modifier: number
  /** Dimensions that an array was declared with. */
  readonly dimensions: number
}

const DATES: ReadonlySet<number> = new Set([TYPE_ID.date, TYPE_ID.timestamp, TYPE_ID.timestamptz])

/** Types of the engine by those of the server. All others are carried as text. */
const ENGINE_TYPES: ReadonlyMap<number, string> = new Map([
  [TYPE_ID.bool, 'BOOLEAN'],
  [TYPE_ID.bytea, 'BLOB'],
  [TYPE_ID.int8, 'BIGINT'],
  [TYPE_ID.int2, 'SMALLINT'],
  [TYPE_ID.int4, 'INTEGER'],
  [TYPE_ID.oid, 'UINTEGER'],
  [TYPE_ID.json, 'JSON'],
  [TYPE_ID.float4, 'FLOAT'],
  [TYPE_ID.float8, 'DOUBLE'],
  [TYPE_ID.date, 'DATE'],
  [TYPE_ID.time, 'TIME'],
  [TYPE_ID.timestamp, 'TIMESTAMP'],
  [TYPE_ID.timestamptz, 'TIMESTAMP WITH TIME ZONE'],
  [TYPE_ID.interval, 'INTERVAL'],
  [TYPE_ID.uuid, 'UUID'],
  [TYPE_ID.jsonb, 'JSON'],
])

/** The same bytes on the wire: text, character varying, character. */
const TEXTS: ReadonlySet<number> = new Set([TYPE_ID.text, TYPE_ID.bpchar, TYPE_ID.varchar])

/** The type of a global that holds a value of a column, and its text there. */
export function toGlobal(typeId: number, modifier: number, text: string | null): { readonly type: string; readonly text: string | null } {
  const declared = typeId === TYPE_ID.bytea ? 'VARCHAR' : scalarType(typeId, modifier)
  const type = typeId === TYPE_ID.numeric && declared === 'VARCHAR' ? decimalFor(text) : declared
  return { type, text: type === 'BOOLEAN' && text !== null ? String(text === 't') : text }
}

/** The type of a single number: as text, 9 would be more than 10. What the engine's decimals do not hold stays a text. */
function decimalFor(text: string | null): string {
  const [, digits, fraction = ''] = /^-?0*(\d*)(?:\.(\d+))?$/.exec(text ?? '0') ?? []
  return digits === undefined || digits.length + fraction.length > 38 ? 'VARCHAR' : `DECIMAL(38,${fraction.length})`
}

/** Whether every server has the type, under the same name. */
export function isBuiltIn({ typeId }: PostgresColumn): boolean {
  return typeId < FIRST_OWN_TYPE
}

/** The type that the engine has the values of a column in. */
export function engineTypeOf({ typeId, element, modifier, dimensions }: PostgresColumn): string {
  if (element === undefined) return scalarType(typeId, modifier)
  return `${scalarType(element, modifier)}${'[]'.repeat(Math.max(1, dimensions))}`
}

function scalarType(typeId: number, modifier: number): string {
  return typeId === TYPE_ID.numeric ? numericType(modifier) : (ENGINE_TYPES.get(typeId) ?? 'VARCHAR')
}

/** Without a precision, or beyond what the engine's decimals hold, a number is carried as text. */
function numericType(modifier: number): string {
  const precision = ((modifier - 4) >> 16) & 0xffff
  const scale = (modifier - 4) & 0x7ff
  return modifier < 0 || precision > 38 || scale > precision ? 'VARCHAR' : `DECIMAL(${precision},${scale})`
}

/** Whether the engine only passes on the text of the values. */
export function isCarriedAsText(column: PostgresColumn): boolean {
  return column.element === undefined && engineTypeOf(column) === 'VARCHAR'
}

/** What the server is asked to send for a column, so that the engine can read it. */
export function toWire(column: PostgresColumn, name: string): string {
  if (column.typeId === TYPE_ID.interval) return spellInterval(name)
  if (column.element === undefined) return name
  const n = Math.max(1, column.dimensions)
  const starts = Array.from({ length: n }, (_, i) => `array_lower(${name}, ${i + 1}) = 1`).join(' AND ')
  // An array of other dimensions than declared goes as it is, which the engine refuses: it has no type for it.
  return `CASE WHEN cardinality(${name}) = 0 THEN '[]' WHEN array_ndims(${name}) = ${n} AND ${starts} THEN to_json(${name}::text[])::text ELSE ${name}::text END`
}

/** An interval by its three parts, in units that the engine reads. */
function spellInterval(name: string): string {
  const part = (field: string) => `extract(${field} FROM ${name})`
  const microseconds = `${part('hour')} * 3600000000 + ${part('minute')} * 60000000 + ${part('microseconds')}`
  return `((${part('year')} * 12 + ${part('month')})::int || ' months ' || ${part('day')}::int || ' days ' || (${microseconds})::bigint || ' microseconds')`
}

/** How the engine makes the value of a column out of the text that came for {@link toWire}; undefined: it reads it as it is. */
export function fromWire(column: PostgresColumn, field: string): string | undefined {
  if (column.typeId === TYPE_ID.bytea) return `from_hex(substr(${field}, 3))`
  // Cast, not read as such: its reader of CSV makes NULL of what is no timestamp with a time zone, and drops the mark of years before 1.
  if (DATES.has(column.typeId)) return moveEra(field)
  if (column.element === undefined) return undefined
  const depth = Math.max(1, column.dimensions)
  const texts = `from_json_strict(${field}, '${'['.repeat(depth)}"VARCHAR"${']'.repeat(depth)}')`
  return column.element === TYPE_ID.bytea ? eachElement(texts, depth, (text) => `from_hex(substr(${text}, 3))`) : texts
}

/** The engine has the mark of the years before 1 behind the date, and in brackets. The server would take far longer to put it there. */
function moveEra(field: string): string {
  return `CASE WHEN suffix(${field}, ' BC') THEN regexp_replace(${field}, '^(\\S+)(.*) BC$', '\\1 (BC)\\2') ELSE ${field} END`
}

function eachElement(list: string, depth: number, map: (element: string) => string): string {
  const element = `e${depth}`
  return `list_transform(${list}, lambda ${element}: ${depth === 1 ? map(element) : eachElement(element, depth - 1, map)})`
}

/**
 * How rows may go from columns of one table to those of another one without the engine: as the bytes of their values when the types
 * are the same, as text when the engine would only pass on the text; undefined: the engine has to convert, or to look whether each
 * value fits. `isText` says whether a column holds any text that the engine would pass on.
 */
export function directForm<T extends PostgresColumn>(
  from: readonly PostgresColumn[],
  to: readonly T[],
  isText: (target: T) => boolean,
): 'binary' | 'csv' | undefined {
  const pairs = from.map((source, i) => [source, to[i]] as const)
  if (pairs.every(([source, target]) => target !== undefined && areSameBytes(source, target))) return 'binary'
  const areTexts = pairs.every(
    ([source, target]) => target !== undefined && (areSameBytes(source, target) || (isCarriedAsText(source) && isText(target))),
  )
  return areTexts ? 'csv' : undefined
}

/** The server rounds and cuts off what goes into a column of the same type with a smaller precision or length. */
function areSameBytes(from: PostgresColumn, to: PostgresColumn): boolean {
  if (TEXTS.has(from.typeId) && TEXTS.has(to.typeId)) return to.modifier < 0 || (from.modifier >= 0 && from.modifier <= to.modifier)
  return from.typeId === to.typeId && from.typeId < FIRST_OWN_TYPE && (to.modifier < 0 || from.modifier === to.modifier)
}
