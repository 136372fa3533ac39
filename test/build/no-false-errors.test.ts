import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { findColumnsOf } from './column-flow.js'

/** A row with a column of each kind of type. */
const INPUT = `SELECT 1::INTEGER AS i, 2.5::DOUBLE AS d, 1.5::DECIMAL(9,2) AS m, 'abc' AS s, true AS b, DATE '2024-01-01' AS dt,
  TIMESTAMP '2024-01-01 10:00' AS ts, TIMESTAMPTZ '2024-01-01 10:00' AS tz, TIME '10:00' AS t, INTERVAL 1 DAY AS iv, [1, 2]::INTEGER[] AS l,
  '{"a":1}'::JSON AS j, '0123'::BLOB AS bl, '00000000-0000-0000-0000-000000000000'::UUID AS u`

/** What authors write in conditions and columns, type beside type in ways that the engine means as they are. */
const WRITTEN = [
  ...[
    "dt = '2024-01-01'",
    "ts > '2024-01-01'",
    "tz >= '2024-01-01'",
    'dt = ts',
    'ts = tz',
    "dt BETWEEN '2024-01-01' AND ts",
    'dt - dt > 5',
  ],
  ...['dt + 1', 'dt + t = ts', "ts - ts > '1 hour'", "t > '10:00'", "iv = '1 day'", "ts = 'infinity'", "dt = 'epoch'", 'ts < now()'],
  ...[
    "i = '5'",
    "i IN ('1', 2)",
    'i IN (1, 2.5)',
    'i IN (SELECT m FROM input)',
    'i BETWEEN 0.5 AND 2',
    "i BETWEEN '0' AND 9",
    'm = d',
    'd = m + i',
  ],
  ...[
    "d = 'nan'",
    "d > '-inf'",
    "u = '00000000-0000-0000-0000-000000000000'",
    "bl = 'abc'",
    "j ->> '$.a' = '1'",
    'j = \'{"a":1}\'',
    "b = 'true'",
  ],
  ...[
    'i = b',
    'b = 1',
    'NOT i',
    'b AND i',
    'b IS TRUE',
    '(i > 0) IS NOT TRUE',
    "'1' = i",
    'NULL = i',
    'NULL = s',
    'i IN (NULL, 1)',
    's IN (NULL)',
  ],
  ...[
    "coalesce(s, '')",
    'coalesce(i, 0.5)',
    "coalesce(i, '0')",
    "coalesce(dt, '2024-01-01')",
    'coalesce(dt, ts)',
    "nullif(i, '0')",
    "nullif(s, '')",
  ],
  ...["CASE i WHEN 1 THEN 'a' WHEN '2' THEN 'b' END", "CASE WHEN b THEN dt ELSE '2024-01-01' END", 'CASE WHEN i THEN 1 ELSE 0.5 END'],
  ...[
    "greatest(dt, '2020-01-01')",
    'least(ts, dt)',
    'greatest(i, d)',
    'i || s',
    's || dt',
    'concat_ws(s, i, dt)',
    "list_contains(l, '1')",
    "[1, '2']",
  ],
  ...[
    'try_cast(s AS INTEGER) = 5',
    "i::VARCHAR = '1'",
    's = i::VARCHAR',
    "length(s) = '3'",
    "year(dt) = '2024'",
    "dt::VARCHAR LIKE '2024%'",
  ],
  ...["'a'::ENUM('a', 'b') = 'b'", "'a'::ENUM('a', 'b') = s", "i::BIT = '1'", "s = 'ABC' COLLATE NOCASE", 'l = [1, 2]', "l[1] = '1'"],
  ...['lag(d, 1, 0) OVER (ORDER BY i)', "lag(s, 1, '') OVER (ORDER BY i)", 'list_transform(l, lambda x: x + 0.5)', 'sum(i) FILTER (b)'],
]

test('SQL that the engine runs as it is meant has no error: what authors write, and all examples that the engine has of its functions', async () => {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const runs = async (sql: string) => {
    try {
      await connection.run(`WITH input AS (${INPUT}) ${sql}`)
      return true
    } catch {
      return false
    }
  }
  const listed = await connection.runAndReadAll(
    "SELECT DISTINCT unnest(examples) FROM duckdb_functions() WHERE function_type <> 'table' ORDER BY ALL",
  )
  const examples = listed.getRows().map(([example]) => `SELECT ${example} AS x FROM input`)
  const sound: string[] = []
  for (const sql of examples) if (await runs(sql)) sound.push(sql)
  const written = WRITTEN.map((expression) => `SELECT ${expression} AS x FROM input`)
  for (const sql of written) expect(await runs(sql), sql).toBe(true)
  connection.closeSync()
  // Most of the examples: the others are of tables and columns that are not there.
  expect(sound.length).toBeGreaterThan(300)
  expect(await errorsOf([...written, ...sound])).toEqual([])
}, 60_000)

/** The errors of queries over the columns of `INPUT`. */
async function errorsOf(queries: readonly string[]): Promise<readonly string[]> {
  const nodes = queries.map(
    (sql, i) =>
      [
        [`q${i}`, ['sql_mod', { sql: sql.replaceAll('{{', '\\{{') }]],
        [`out${i}`, ['log_sink']],
      ] as const,
  )
  const { errors } = await findColumnsOf({
    modules: { rows: ['inline_source', { rows: [{ i: 1 }] }], input: ['sql_mod', { sql: INPUT }], ...Object.fromEntries(nodes.flat()) },
    data: ['rows.data - input.input', ...queries.flatMap((_, i) => [`input.output - q${i}.input`, `q${i}.output - out${i}.input`])],
  })
  return errors
}
