import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../../postgres/server.js'
import { PreviewPlace } from './preview-place.js'

/** A flow that reads by one postgres_source, keeps some rows, and would write them to the same database. */
function lookAt(database: TestDatabase, read: string, condition = 'TRUE'): PreviewPlace {
  const place = new PreviewPlace()
  mkdirSync(path.join(place.folder, 'context'))
  place.write('context/looked_at_default.json', JSON.stringify({ db: database.url }))
  place.flow(
    [
      `rows postgres_source { connection: "{{context.db}}", ${read} }`,
      `kept filter_mod { condition: ${JSON.stringify(condition)} }`,
      'out postgres_sink { connection: "{{context.db}}", table: target, create_table: true }',
    ],
    ['rows.data - kept.input', 'kept.output - out.input'],
  )
  return place
}

/** Sessions of previews that the server still has. */
async function countSessions({ query }: TestDatabase): Promise<number> {
  return (await query("SELECT FROM pg_stat_activity WHERE application_name = 'pype preview' AND datname = current_database()")).length
}

it('the first rows of a query end it at the server: what lies far behind them is not computed, and no session stays', async () => {
  const database = await createDatabase()
  // Rows of 70 MB, of which the last ones fail.
  const place = lookAt(
    database,
    `query: "SELECT id, repeat('x', 100) AS text, 1 / (600000 - id) AS fails FROM generate_series(1, 600000) AS id"`,
  )
  expect(await place.rows('rows', { limit: 2 })).toMatchObject([{ id: 1 }, { id: 2 }])
  expect(await place.rows('rows', { limit: 1, where: 'id > 10' })).toMatchObject([{ id: 11 }])
  await expect(place.profile('rows')).rejects.toMatchObject({ message: expect.stringContaining('division by zero') })
  await expect.poll(() => countSessions(database)).toBe(0)
})

it('a table that is looked at again shows the same rows', async () => {
  const database = await createDatabase()
  // More than a quarter of the buffers of the server: from there on its scans begin where another one has got to.
  await database.query("CREATE TABLE big AS SELECT id, repeat('x', 400) AS text FROM generate_series(1, 120000) AS id")
  const place = lookAt(database, 'table: big', 'id % 2 = 0')
  for (const _ of ['first', 'second']) expect(await place.rows('kept', { limit: 2 })).toMatchObject([{ id: 2 }, { id: 4 }])
})

it('a view and a join with a file; neither a sink nor a cursor leaves anything in the database', async () => {
  const database = await createDatabase()
  await database.query(`CREATE TABLE orders AS SELECT id, CASE WHEN id % 2 = 0 THEN 'London' ELSE 'Paris' END AS city FROM generate_series(1, 9) AS id;
    CREATE VIEW counts AS SELECT city, count(*) AS orders FROM orders GROUP BY city`)
  const place = lookAt(database, 'table: counts')
  place.write('countries.csv', 'city,country\nLondon,GB\n')
  const connection = 'connection: "{{context.db}}"'
  place.flow(
    [
      `counts postgres_source { ${connection}, table: counts }`,
      'countries csv_source { file_path: countries.csv }',
      'both join_mod { on: [city] }',
      `since postgres_source { ${connection}, table: orders, cursor: id, start: "8" }`,
      `out postgres_sink { ${connection}, table: target, create_table: true }`,
      `more postgres_sink { ${connection}, table: target2, create_table: true }`,
    ],
    ['counts.data - both.left', 'countries.data - both.right', 'both.output - out.input', 'since.data - more.input'],
    ['out (1|) since'],
  )
  expect(await place.rows('out')).toEqual([{ city: 'London', orders: 4, country: 'GB' }])
  expect(await place.rows('more')).toMatchObject([{ id: 8 }, { id: 9 }])
  const tables = await database.query(
    "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace ORDER BY 1",
  )
  expect(tables).toEqual([{ relname: 'counts' }, { relname: 'orders' }])
})

it('types are those of a run, and a profile has all of them', async () => {
  const database = await createDatabase()
  await database.query(`CREATE TABLE odd (n numeric, d numeric(9, 2), a int[], j jsonb, b bytea, t timestamptz, f float8);
    INSERT INTO odd VALUES (12345678901234567890123456789012345678901234567890.5, 1.5, '{1,NULL}', '{"a": 1}', '\\x00ff', '2026-01-01 12:00+02', 'NaN'),
      (NULL, NULL, NULL, NULL, NULL, 'infinity', '-infinity')`)
  const { rows, columns } = await lookAt(database, 'table: odd').profile('rows')
  expect(rows).toBe(2)
  expect(columns.map(({ type, nulls, min, max }) => [type, nulls, min, max])).toEqual([
    ['VARCHAR', 1, '12345678901234567890123456789012345678901234567890.5', '12345678901234567890123456789012345678901234567890.5'],
    ['DECIMAL(9,2)', 1, '1.50', '1.50'],
    ['INTEGER[]', 1, null, null],
    ['JSON', 1, '{"a": 1}', '{"a": 1}'],
    ['BLOB', 1, '\\x00\\xFF', '\\x00\\xFF'],
    ['TIMESTAMP WITH TIME ZONE', 0, '2026-01-01 10:00:00+00', 'infinity'],
    ['DOUBLE', 0, '-inf', 'nan'],
  ])
})

it('what is wrong is told with its node, and never with the password', async () => {
  const database = await createDatabase()
  await database.query('CREATE TABLE t (id int)')
  const wrong = [
    ['table: t, columns: [idd]', database, 'SCHEMA_MISMATCH'],
    ['table: tt', database, 'TABLE_NOT_FOUND'],
    ['query: "SELECT idd FROM t"', database, 'SQL_INVALID'],
    ['table: t', { ...database, url: database.url.replace(database.password, 'sesame-open') }, 'DATABASE_REFUSED'],
  ] as const
  for (const [read, server, code] of wrong) {
    const error: unknown = await lookAt(server, read)
      .rows('kept')
      .catch((thrown: unknown) => thrown)
    expect(error, read).toMatchObject({ code, node: 'rows', at: { line: 4 } })
    expect(String(error)).not.toMatch(/sesame|only-for-tests/)
  }
  await expect.poll(() => countSessions(database)).toBe(0)
})
