import { beforeAll, expect, test } from 'vitest'
import type { Flow } from '../modules/module-flow.js'
import { BuiltProject, complete, fail, moveFlow } from './flow.js'
import { createDatabase, type TestDatabase } from './server.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

/** A flow that reads into a file of JSON lines. */
function readFlow(configs: object, message = '{{read__row_count}}'): Flow {
  return {
    modules: {
      read: ['postgres_source', { connection: database.url, ...configs }],
      write: ['json_sink', { output_path: 'out.jsonl' }],
      say: ['log', { message }],
    },
    data: ['read.data - write.input'],
    control: ['read (1|) say'],
  }
}

test('a table, a view and a query are read, with the columns that are asked for', async () => {
  await database.query(
    `CREATE SCHEMA "s p"; CREATE TABLE "s p"."T" (b int, "A x" text, c numeric(5,1)); INSERT INTO "s p"."T" VALUES (1, 'é', 1.5), (2, NULL, NULL)`,
  )
  await database.query(`CREATE VIEW public.v AS SELECT b FROM "s p"."T" ORDER BY b DESC`)
  const project = new BuiltProject()
  const read = async (configs: object) => {
    const log = await complete(project, readFlow(configs))
    const lines = project.lines('out.jsonl')
    expect(log).toContain(String(lines.length))
    return lines
  }
  expect(await read({ table: 's p.T' })).toEqual([
    { b: 1, 'A x': 'é', c: 1.5 },
    { b: 2, 'A x': null, c: null },
  ])
  expect(await read({ table: 's p.T', columns: ['c', 'A x'] })).toEqual([
    { c: 1.5, 'A x': 'é' },
    { c: null, 'A x': null },
  ])
  expect(await read({ table: 'v' })).toEqual([{ b: 2 }, { b: 1 }])
  expect(await read({ query: `SELECT count(*) AS n, 'it''s; ' || {{run.job}} AS t FROM "s p"."T" -- all\n;` })).toEqual([
    { n: 2, t: expect.stringMatching(/^it's; flow\d+$/) },
  ])
  expect(await read({ query: 'SELECT 1 AS x WHERE false' })).toEqual([])
})

test('what cannot be read is refused with a hint', async () => {
  await database.query('CREATE TABLE readable (a int, b text); CREATE TABLE secret_rows (a int)')
  await database.query(`CREATE ROLE reader LOGIN PASSWORD 'reader-password'`)
  const project = new BuiltProject()
  const read = (configs: object) => fail(project, readFlow(configs, 'read'))
  expect(await read({ table: 'nowhere' })).toMatchObject({ code: 'TABLE_NOT_FOUND', message: 'There is no table nowhere in the database.' })
  expect(await read({ table: 'raedable' })).toMatchObject({ hint: 'did you mean public.readable?' })
  expect(await read({ table: 'pubilc.raedable' })).toMatchObject({ hint: 'did you mean public.readable?' })
  expect(await read({ table: 'other.readable' })).toMatchObject({ hint: 'did you mean public.readable?' })
  expect(await read({ table: 'zzzzzzzz' })).toMatchObject({ hint: expect.stringContaining('check the name and the schema') })
  expect(await read({ query: 'SELECT 1 FROM raedable' })).toMatchObject({
    code: 'TABLE_NOT_FOUND',
    message: expect.stringContaining('Line 1 of the statement: '),
    hint: 'did you mean public.readable?',
  })
  expect(await read({ query: 'SELECT a FROM readable JOIN Public.Raedable USING (a)' })).toMatchObject({
    hint: 'did you mean public.readable?',
  })
  expect(await read({ query: 'SELECT 1 FROM zzzzzzzz' })).toMatchObject({ hint: expect.stringContaining('check the name, and the schema') })
  expect(await read({ table: 'readable', columns: ['B'] })).toMatchObject({
    hint: 'did you mean "b"? Names of columns are case-sensitive',
  })
  expect(await read({ table: 'readable', columns: ['A'] })).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: 'There is no column A; there are a, b.',
  })
  expect(await read({ query: 'SELECT nam FROM readable' })).toMatchObject({
    code: 'SQL_INVALID',
    message: expect.stringContaining('column "nam" does not exist'),
  })
  expect(await read({ query: 'SELECT 1; SELECT 2' })).toMatchObject({ code: 'SQL_INVALID' })
  expect(await read({ query: 'SELECT 1 / (a - a) FROM (SELECT 1 AS a) x' })).toMatchObject({
    code: 'BAD_ROW',
    message: expect.stringContaining('division by zero'),
  })
  expect(await read({ query: 'DELETE FROM readable RETURNING 1' })).toMatchObject({ code: 'SQL_INVALID' })
  const as = (user: string, password: string, port = database.port) => ({
    host: database.host,
    port,
    database: database.name,
    user,
    password,
  })
  expect(await read({ connection: as('reader', 'reader-password'), table: 'secret_rows' })).toMatchObject({
    code: 'DATABASE_REFUSED',
    message: expect.stringContaining('permission denied for table secret_rows'),
    hint: expect.stringContaining('grant'),
  })
  const wrong = await read({ connection: as('reader', 'mistyped-password'), table: 'readable' })
  expect(wrong).toMatchObject({ code: 'DATABASE_REFUSED', hint: 'check the user, reader, and the password' })
  expect(JSON.stringify(wrong)).not.toContain('mistyped-password')
  expect(await read({ connection: as('reader', 'reader-password', 1), table: 'readable' })).toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  expect(await read({ connection: { ...as('reader', 'reader-password'), database: 'nope' }, table: 'readable' })).toMatchObject({
    code: 'DATABASE_REFUSED',
  })
})

test('an error amid the rows leaves no file', async () => {
  const project = new BuiltProject()
  const error = await fail(project, readFlow({ query: 'SELECT 1 / (90000 - i) AS x FROM generate_series(1, 100000) i' }, 'read'))
  expect(error).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining('division by zero') })
  expect(project.has('out.jsonl')).toBe(false)
})

test('all sources of a sub flow see one state of the database', async () => {
  await database.query(`CREATE TABLE moving (id serial, at text)`)
  const project = new BuiltProject()
  await complete(project, {
    modules: {
      add: ['postgres_query', { connection: database.url, transaction: false, sql: `INSERT INTO moving (at) VALUES ('first')` }],
      one: ['postgres_source', { connection: database.url, query: `SELECT id, pg_current_snapshot()::text AS seen FROM moving` }],
      two: ['postgres_source', { connection: database.url, query: `SELECT id, pg_current_snapshot()::text AS seen FROM moving` }],
      both: ['join_mod', { on: ['id', 'seen'] }],
      write: ['json_sink', { output_path: 'out.jsonl' }],
    },
    data: ['one.data - both.left', 'two.data - both.right', 'both.output - write.input'],
    control: ['add (1|) one'],
  })
  expect(project.lines('out.jsonl')).toHaveLength(1)
})

test('times are those of the time zone of the flow', async () => {
  await database.query(`CREATE TABLE times (at timestamptz); INSERT INTO times VALUES ('2026-07-01 00:30+00')`)
  const project = new BuiltProject()
  const flow = readFlow({ query: 'SELECT at, at::date AS day, at::text AS text FROM times' })
  await complete(project, { ...flow, settings: { time_zone: 'America/New_York' } })
  expect(project.lines('out.jsonl')).toEqual([{ at: '2026-06-30 20:30:00-04', day: '2026-06-30', text: '2026-06-30 20:30:00-04' }])
})

test('an incremental source reads what is new since the last run', async () => {
  await database.query(`CREATE TABLE orders (id int PRIMARY KEY, changed timestamptz, note text)`)
  await database.query(`INSERT INTO orders VALUES (1, '2025-12-31 10:00+00', 'old'), (2, '2026-01-01 10:00:00.123456+00', 'a')`)
  await database.query(`CREATE TABLE copied (id int PRIMARY KEY, changed timestamptz, note text)`)
  const project = new BuiltProject()
  const flow = moveFlow(
    database,
    { table: 'orders', cursor: 'changed', start: '2026-01-01', lag: '1 hour' },
    { table: 'copied', mode: 'upsert', keys: ['id'] },
  )
  const job = await project.build(flow)
  const run = async () => {
    const summary = await project.runJob(job)
    expect(summary.errors).toEqual([])
    return (await database.query('SELECT id, note FROM copied ORDER BY id')).map(({ id, note }) => `${id} ${note}`)
  }
  expect(await run()).toEqual(['2 a'])
  await database.query(`UPDATE copied SET note = 'mine'`)
  await database.query(
    `INSERT INTO orders VALUES (3, '2026-01-01 09:30+00', 'late'), (4, '2026-01-01 08:00+00', 'too late'), (5, '2026-01-02', 'b')`,
  )
  expect(await run()).toEqual(['2 a', '3 late', '5 b'])
  await database.query(`UPDATE copied SET note = 'mine'`)
  expect(await run()).toEqual(['2 mine', '3 mine', '5 b'])
})

test('a cursor needs a column that is there', async () => {
  await database.query('CREATE TABLE plain (id int)')
  const project = new BuiltProject()
  expect(await fail(project, readFlow({ table: 'plain', cursor: 'ID' }, 'read'))).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('no column ID for the cursor'),
  })
})
