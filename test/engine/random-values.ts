import fc from 'fast-check'

/** A column of the engine: its type, and its values as SQL. */
export interface RandomColumn {
  readonly type: string
  readonly values: readonly string[]
}

interface RandomType {
  readonly type: string
  /** One value as SQL, of the type. */
  readonly value: fc.Arbitrary<string>
}

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`

function oneOf(type: string, ...texts: readonly string[]): RandomType {
  return { type, value: fc.constantFrom(...texts).map((text) => `CAST(${quote(text)} AS ${type})`) }
}

function integer(type: string, min: bigint, max: bigint): RandomType {
  return { type, value: fc.oneof(fc.constantFrom(min, max, 0n), fc.bigInt({ min, max })).map((value) => `CAST('${value}' AS ${type})`) }
}

function float(type: string): RandomType {
  const special = fc.constantFrom('-0.0', '0.0', 'nan', 'inf', '-inf', '5e-324', '1e-45', '0.1', '1.7976931348623157e308')
  const value = type === 'FLOAT' ? fc.float().map((each) => (Object.is(each, -0) ? '-0.0' : String(each))) : fc.double().map(String)
  return { type, value: fc.oneof(special, value).map((text) => `coalesce(TRY_CAST(${quote(text)} AS ${type}), CAST('-0.0' AS ${type}))`) }
}

const TEXT = fc.oneof(
  fc.constantFrom('', 'NULL', "it's", 'a"b', '{', '[1, 2]', 'ü 😀', '\\', 'a,b=c', ' '),
  fc.string({ unit: 'grapheme' }),
)
const INT32 = { min: -(2n ** 31n), max: 2n ** 31n - 1n }
const INT64 = { min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }

const LEAVES: readonly RandomType[] = [
  oneOf('BOOLEAN', 'true', 'false'),
  integer('TINYINT', -128n, 127n),
  integer('USMALLINT', 0n, 65535n),
  integer('INTEGER', INT32.min, INT32.max),
  integer('BIGINT', INT64.min, INT64.max),
  integer('UBIGINT', 0n, 2n ** 64n - 1n),
  integer('HUGEINT', -(2n ** 127n), 2n ** 127n - 1n),
  integer('UHUGEINT', 0n, 2n ** 128n - 1n),
  integer('BIGNUM', -(10n ** 60n), 10n ** 60n),
  integer('DECIMAL(38,0)', -(10n ** 38n) + 1n, 10n ** 38n - 1n),
  oneOf('DECIMAL(4,2)', '99.99', '-0.01', '0'),
  oneOf('DECIMAL(38,10)', '1234567890123456789012345678.0123456789', '-0.0000000001'),
  float('FLOAT'),
  float('DOUBLE'),
  { type: 'VARCHAR', value: TEXT.filter((text) => !text.includes('\0')).map(quote) },
  {
    type: 'BLOB',
    value: fc
      .uint8Array({ maxLength: 8 })
      .map((bytes) => `CAST('${[...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}' AS BLOB)`),
  },
  { type: 'BIT', value: fc.stringMatching(/^[01]{1,20}$/).map((bits) => `CAST('${bits}' AS BIT)`) },
  { type: 'UUID', value: fc.uuid().map((uuid) => `CAST('${uuid}' AS UUID)`) },
  { type: 'JSON', value: fc.json().map((json) => `CAST(${quote(json.replaceAll('\\u0000', ''))} AS JSON)`) },
  oneOf(`ENUM('a', 'b''c', '', 'BIT', 'd, e)')`, 'a', "b'c", '', 'BIT', 'd, e)'),
  oneOf('DATE', '2026-02-28', '5877642-06-25 (BC)', '5881580-07-10', 'infinity', '-infinity'),
  oneOf('TIME', '00:00:00', '24:00:00', '12:34:56.789012'),
  oneOf('TIME_NS', '00:00:00', '23:59:59.123456789'),
  oneOf('TIME WITH TIME ZONE', '24:00:00+15:59:59', '00:00:00-15:59:59', '12:00:00.000001+05:30', '12:00:00+00'),
  oneOf('TIMESTAMP', '2026-01-01 00:00:00.000001', '290309-12-22 (BC) 00:00:00', '294247-01-10 04:00:54.775806', 'infinity', '-infinity'),
  oneOf('TIMESTAMP_S', '2026-01-01 00:00:01', '1969-12-31 23:59:59', 'infinity', '-infinity'),
  oneOf('TIMESTAMP_MS', '2026-01-01 00:00:01.123', '1969-12-31 23:59:59.999', 'infinity', '-infinity'),
  oneOf('TIMESTAMP_NS', '2026-01-01 00:00:01.123456789', '1677-09-22 00:00:00', 'infinity', '-infinity'),
  oneOf('TIMESTAMP WITH TIME ZONE', '2026-01-01 00:00:00.123456+05', 'infinity'),
  {
    type: 'INTERVAL',
    value: fc
      .tuple(fc.bigInt(INT32), fc.bigInt(INT32), fc.oneof(fc.bigInt(INT64), fc.constantFrom(INT64.min, INT64.max, 1n)))
      .map(([months, days, micros]) => `(to_months(${months}) + to_days(${days}) + to_microseconds(${micros}))`),
  },
]

function orNull({ type, value }: RandomType): fc.Arbitrary<string> {
  return fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant(`CAST(NULL AS ${type})`) })
}

const FIELD_NAMES = ['a', 'BIT', 'a b', 'q"x', "it's", 'ENUM(', 'time', 'ü']

/** Types, lists and structs of them, and so on, down to `depth` levels. */
function types(depth: number): fc.Arbitrary<RandomType> {
  const leaf = fc.constantFrom(...LEAVES)
  if (depth === 0) return leaf
  const inner = types(depth - 1)
  const fields = fc
    .uniqueArray(fc.constantFrom(...FIELD_NAMES), { minLength: 1, maxLength: 3 })
    .chain((names) => fc.tuple(fc.constant(names), fc.array(inner, { minLength: names.length, maxLength: names.length })))
  return fc.oneof(
    leaf,
    inner.map((of) => listOf(of)),
    fc.tuple(inner, fc.integer({ min: 1, max: 3 })).map(([of, size]) => arrayOf(of, size)),
    fields.map(([names, members]) => structOf(names, members)),
    fields.map(([names, members]) => unionOf(names, members)),
    fc.tuple(leaf, inner).map(([key, value]) => mapOf(key, value)),
  )
}

function listOf(of: RandomType): RandomType {
  const type = `${of.type}[]`
  return { type, value: fc.array(orNull(of), { maxLength: 3 }).map((items) => `CAST([${items.join(', ')}] AS ${type})`) }
}

function arrayOf(of: RandomType, size: number): RandomType {
  const type = `${of.type}[${size}]`
  return {
    type,
    value: fc.array(orNull(of), { minLength: size, maxLength: size }).map((items) => `CAST([${items.join(', ')}] AS ${type})`),
  }
}

function structOf(names: readonly string[], of: readonly RandomType[]): RandomType {
  const type = `STRUCT(${names.map((name, i) => `${quoteName(name)} ${of[i]?.type}`).join(', ')})`
  const fields = fc.tuple(...of.map(orNull))
  return {
    type,
    value: fields.map((values) => `struct_pack(${values.map((each, i) => `${quoteName(names[i] ?? '')} := ${each}`).join(', ')})`),
  }
}

function unionOf(names: readonly string[], of: readonly RandomType[]): RandomType {
  const type = `UNION(${names.map((name, i) => `${quoteName(name)} ${of[i]?.type}`).join(', ')})`
  const values = of.map((member, i) =>
    orNull(member).map((value) => `CAST(union_value(${quoteName(names[i] ?? '')} := ${value}) AS ${type})`),
  )
  return { type, value: fc.oneof(...values) }
}

function mapOf(key: RandomType, value: RandomType): RandomType {
  const type = `MAP(${key.type}, ${value.type})`
  const entry = fc.tuple(key.value, orNull(value)).map(([k, v]) => `CAST(MAP {${k}: ${v}} AS ${type})`)
  return { type, value: fc.oneof(fc.constant(`CAST(MAP {} AS ${type})`), entry) }
}

/** Columns of one to three values each, of types that nest up to two levels deep. */
export function randomColumns(): fc.Arbitrary<readonly RandomColumn[]> {
  const column = types(2).chain((each) =>
    fc.tuple(fc.constant(each.type), fc.array(orNull(each), { minLength: 3, maxLength: 3 })).map(([type, values]) => ({ type, values })),
  )
  return fc.array(column, { minLength: 1, maxLength: 4 })
}
