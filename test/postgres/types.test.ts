import { beforeAll, expect, test } from 'vitest'
import { BuiltProject } from './flow.js'
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

const NAMES = Object.keys(TYPES)

/** A table with a column of each type, and its rows. */
async function makeTables(rows: readonly (readonly string[])[]): Promise<void> {
  const columns = NAMES.map((type, i) => `c${i} ${type}`).join(', ')
  for (const table of ['source', 'direct', 'engine', 'parquet']) {
    await database.query(`DROP TABLE IF EXISTS ${table}; CREATE TABLE ${table} (n int, ${columns})`)
  }
  for (const [n, row] of rows.entries()) {
    await database.query(`INSERT INTO source VALUES (${n}, ${row.map((value, i) => `CAST(${value} AS ${NAMES[i]})`).join(', ')})`)
  }
}

/** All values of a table as texts, by type. */
async function textsOf(table: string): Promise<object> {
  const items = NAMES.map((_, i) => `array_agg(c${i}::text ORDER BY n)::text AS c${i}`)
  const [row = {}] = await database.query(`SELECT ${items.join(', ')} FROM ${table}`)
  return Object.fromEntries(NAMES.map((type, i) => [type, row[`c${i}`]]))
}

const source = (url: string) => ['postgres_source', { connection: url, table: 'source' }] as const
const sink = (url: string, table: string) => ['postgres_sink', { connection: url, table }] as const

async function moveRows(project: BuiltProject): Promise<void> {
  const { url } = database
  const { summary } = await project.run({
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
  expect(summary.errors).toEqual([])
}

test('every type goes through unchanged: directly, through the engine, and through Parquet', async () => {
  const longest = Math.max(...NAMES.map((type) => TYPES[type]!.length))
  const rows = Array.from({ length: longest + 1 }, (_, n) => NAMES.map((type) => TYPES[type]![n - 1] ?? 'NULL'))
  await makeTables(rows)
  await moveRows(new BuiltProject())
  const expected = await textsOf('source')
  expect(await textsOf('direct')).toEqual(expected)
  expect(await textsOf('engine')).toEqual(expected)
  expect(await textsOf('parquet')).toEqual(expected)
})
