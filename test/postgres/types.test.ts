import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { BuiltProject, complete } from './flow.js'
import { createDatabase, type TestDatabase } from './server.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await database.query(`CREATE TYPE mood AS ENUM ('sad', 'it''s, "fine"', 'happy')`)
  await database.query('CREATE DOMAIN positive AS int CHECK (VALUE > 0)')
  await database.query('CREATE TYPE pair AS (a int, b text)')
})

/** Values of each type, as SQL literals. */
const TYPES: { readonly [type: string]: readonly string[] } = {
  boolean: ['true', 'false'],
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807', '9007199254740993'],
  'numeric(10,2)': ['1.10', '-99999999.99', '0.00'],
  'numeric(38,10)': ['1234567890123456789012345678.0123456789', '-0.0000000001'],
  numeric: ['1e100', '1.10', "'NaN'", "'Infinity'", '12345678901234567890123456789012345678901234567890.5'],
  'numeric(50,3)': ['12345678901234567890123456789012345678901234567.125'],
  real: ['0.1', "'NaN'", "'-Infinity'", "'-0'", '3.4028235e38', '1e-45'],
  'double precision': ['0.1', '0.30000000000000004', "'NaN'", "'Infinity'", "'-0'", '5e-324', '1.7976931348623157e308'],
  text: ["''", "'NULL'", "'null'", `E'a,b\\n"c"\\r\\n\\td\\\\e'`, "'ünïcödé 🙂'", "'\\.'", "' '", `'"'`],
  'varchar(5)': ["''", "'abcde'"],
  'char(3)': ["'a'", "'   '"],
  '"char"': ["'x'"],
  bytea: ["'\\x'", "'\\x00ff0a0d225c'"],
  date: ["'2026-02-28'", "'infinity'", "'-infinity'", "'0001-01-01'", "'0044-03-15 BC'", "'12345-01-02'", "'1582-10-10'"],
  time: ["'00:00'", "'23:59:59.999999'", "'24:00'"],
  'time with time zone': ["'10:00:00+02'", "'23:59:59.999999-05:30'", "'00:00+00:00:01'"],
  timestamp: [
    "'2026-07-01 12:34:56.789012'",
    "'infinity'",
    "'-infinity'",
    "'0044-03-15 01:02:03 BC'",
    "'0001-01-01'",
    "'12345-01-02 03:04:05'",
  ],
  'timestamp with time zone': [
    "'2026-07-01 12:34:56.789012+02'",
    "'infinity'",
    "'-infinity'",
    "'1890-01-01 00:00+00'",
    "'0044-03-15 01:02:03+00 BC'",
  ],
  interval: ["'1 year 2 months -3 days 04:05:06.789012'", "'-1 year +2 days -00:00:00.000001'", "'0'", "'100:00:00'", "'-13 months'"],
  uuid: ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  json: [`'{"a" : [1, 2.50, null], "a": "x\\u00e9"}'`, "'null'", "'12345678901234567890.5'", `'"text"'`],
  jsonb: [`'{"a": [1, 2.50, null, {"b": "c"}]}'`, "'null'", `'""'`],
  inet: ["'192.168.0.1/24'", "'::1'"],
  cidr: ["'10.0.0.0/8'"],
  macaddr: ["'08:00:2b:01:02:03'"],
  'bit varying': ["B'10101'", "B''"],
  int4range: ["'[1,5)'", "'empty'"],
  tsvector: ["'a fat cat'"],
  point: ["'(1.5,2)'"],
  oid: ['4294967295'],
  mood: ["'sad'", `'it''s, "fine"'`],
  positive: ['1'],
  pair: [`ROW(1, 'it''s "x", y')`, 'ROW(NULL, NULL)'],
  'integer[]': ["'{}'", "'{1,NULL,3}'"],
  'text[]': ["'{}'", `ARRAY['', NULL, 'NULL', 'a,b', '{x}', '"q"', 'back\\slash', E'line\\nend', '[y]', 'it''s']`],
  'numeric(10,2)[]': ["'{1.10,NULL,-0.01}'"],
  'numeric[]': ["'{1e50,NaN}'"],
  'double precision[]': ["'{0.1,NaN,-Infinity,NULL}'"],
  'boolean[]': ["'{t,f,NULL}'"],
  'bytea[]': [`ARRAY['\\x00ff'::bytea, NULL, '\\x']`],
  'timestamp with time zone[]': ["'{2026-07-01 12:34:56.789012+02,infinity,NULL}'"],
  'date[]': ["'{2026-01-01,NULL}'"],
  'uuid[]': ["'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}'"],
  'jsonb[]': [`ARRAY['{"a": "b\\"c"}'::jsonb, NULL]`],
  'mood[]': [`ARRAY['sad', 'it''s, "fine"', NULL]::mood[]`],
  'integer[][]': ["'{{1,2},{3,NULL}}'", "'{}'"],
  'text[][]': [`ARRAY[['a', NULL], ['{', '"']]`],
}

/** A table with a column of each type, with rows of SQL literals, and three like it without rows. */
async function makeTables(types: readonly string[], rows: readonly (readonly string[])[]): Promise<void> {
  const columns = types.map((type, i) => `c${i} ${type}`).join(', ')
  for (const table of ['source', 'direct', 'engine', 'parquet']) {
    await database.query(`DROP TABLE IF EXISTS ${table}; CREATE TABLE ${table} (n int, ${columns})`)
  }
  const values = rows.map((row, n) => `(${n}, ${row.map((value, i) => `CAST(${value} AS ${types[i]})`).join(', ')})`)
  await database.query(`INSERT INTO source VALUES ${values.join(', ')}`)
}

/** All values of a table as texts, by type. */
async function textsOf(table: string, types: readonly string[]): Promise<object> {
  const items = types.map((_, i) => `array_agg(c${i}::text ORDER BY n)::text AS c${i}`)
  const [row = {}] = await database.query(`SELECT ${items.join(', ')} FROM ${table}`)
  return Object.fromEntries(types.map((type, i) => [type, row[`c${i}`]]))
}

const source = (url: string) => ['postgres_source', { connection: url, table: 'source' }] as const
const sink = (url: string, table: string) => ['postgres_sink', { connection: url, table }] as const

/** Moves the rows of `source` to the other tables: directly, through the engine, and through Parquet. */
async function moveRows(project: BuiltProject): Promise<void> {
  const { url } = database
  await complete(project, {
    modules: {
      read1: source(url),
      direct: sink(url, 'direct'),
      read2: source(url),
      mod: ['sql_mod', { sql: 'SELECT * FROM input' }],
      engine: sink(url, 'engine'),
      read3: source(url),
      write: ['parquet_sink', { output_path: 'rows.parquet' }],
      again: ['parquet_source', { file_path: 'rows.parquet' }],
      parquet: sink(url, 'parquet'),
    },
    data: [
      'read1.data - direct.input',
      'read2.data - mod.input',
      'mod.output - engine.input',
      'read3.data - write.input',
      'again.data - parquet.input',
    ],
    control: ['read1 (1|) read2', 'read2 (1|) read3', 'read3 (1|) again'],
  })
}

async function expectUnchanged(types: readonly string[]): Promise<void> {
  const expected = await textsOf('source', types)
  expect(await textsOf('direct', types)).toEqual(expected)
  expect(await textsOf('engine', types)).toEqual(expected)
  expect(await textsOf('parquet', types)).toEqual(expected)
}

test('every type goes through unchanged: directly, through the engine, and through Parquet', async () => {
  const types = Object.keys(TYPES)
  const longest = Math.max(...types.map((type) => TYPES[type]!.length))
  await makeTables(
    types,
    Array.from({ length: longest + 1 }, (_, n) => types.map((type) => TYPES[type]![n - 1] ?? 'NULL')),
  )
  await moveRows(new BuiltProject())
  await expectUnchanged(types)
})

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
const texts = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !text.includes('\0'))
const microseconds = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })
const float = fc.oneof(fc.double().map(String), fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0'))

/** Random values, as SQL literals. */
const RANDOM: { readonly [type: string]: fc.Arbitrary<string> } = {
  bigint: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  'numeric(38,9)': fc
    .tuple(fc.bigInt({ min: -(10n ** 29n) + 1n, max: 10n ** 29n - 1n }), fc.nat(999_999_999))
    .map(([whole, rest]) => `${whole}.${rest}`),
  numeric: fc.tuple(fc.bigInt(), fc.integer({ min: -40, max: 40 })).map(([digits, exponent]) => `'${digits}e${exponent}'`),
  real: fc.float().map((value) => `'${value}'`),
  'double precision': float.map((value) => `'${value}'`),
  text: texts.map(quote),
  bytea: fc.uint8Array({ maxLength: 20 }).map((bytes) => `'\\x${Buffer.from(bytes).toString('hex')}'`),
  date: fc.integer({ min: -700_000, max: 2_900_000 }).map((days) => `date '1970-01-01' + ${days}`),
  time: fc.nat(86_399_999_999).map((micros) => `time '00:00' + ${micros} * interval '1 microsecond'`),
  timestamp: microseconds.map((micros) => `timestamp '1970-01-01' + ${micros} * interval '1 microsecond'`),
  'timestamp with time zone': microseconds.map((micros) => `timestamptz '1970-01-01 00:00+00' + ${micros} * interval '1 microsecond'`),
  interval: fc
    .tuple(
      fc.integer({ min: -90_000, max: 90_000 }),
      fc.integer({ min: -90_000, max: 90_000 }),
      fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }),
    )
    .map(([months, days, micros]) => `'${months} months ${days} days ${micros} microseconds'`),
  uuid: fc.uuid().map(quote),
  jsonb: fc
    .json()
    .filter((json) => !json.includes('\\u') && !json.includes('e'))
    .map(quote),
  'text[]': fc
    .array(fc.option(texts), { maxLength: 4 })
    .map((all) => `ARRAY[${all.map((each) => (each === null ? 'NULL' : quote(each))).join(', ')}]::text[]`),
  'double precision[]': fc.array(fc.option(float), { maxLength: 4 }).map((all) => `'{${all.map((each) => each ?? 'NULL').join(',')}}'`),
}

test('random rows go through unchanged', async () => {
  const types = Object.keys(RANDOM)
  const row = fc.tuple(...types.map((type) => fc.option(RANDOM[type]!, { nil: 'NULL', freq: 10 })))
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 200, maxLength: 200 }), async (rows) => {
      await makeTables(types, rows)
      await moveRows(new BuiltProject())
      await expectUnchanged(types)
    }),
    // A smaller example would take a run each.
    { numRuns: 1, endOnFailure: true },
  )
})
