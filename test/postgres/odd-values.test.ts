import { beforeAll, beforeEach, expect, test } from 'vitest'
import { BuiltProject, complete, fail, moveFlow, writeFlow } from './flow.js'
import { createDatabase, type TestDatabase } from './server.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

/** The flows of all tests have one name. */
beforeEach(() => database.query('DROP TABLE IF EXISTS pype_commits'))

test('what a user, a database or a connection sets changes no value', async () => {
  await database.query(`ALTER DATABASE ${database.name} SET array_nulls = off; CREATE TABLE lists (id int, tags text[])`)
  const { host, port, name, user, password } = database
  const options = { array_nulls: 'off', client_encoding: 'LATIN1' }
  const connection = { host, port, database: name, user, password, options }
  const rows = { rows: [{ id: 1, tags: ['é', null, 'NULL'] }], columns: { id: 'INTEGER', tags: 'VARCHAR[]' } }
  await complete(new BuiltProject(), writeFlow(database, rows, { table: 'lists' }))
  await complete(new BuiltProject(), writeFlow(database, rows, { table: 'lists', connection }))
  expect(await database.query('SELECT tags FROM lists')).toEqual([{ tags: ['é', null, 'NULL'] }, { tags: ['é', null, 'NULL'] }])
})

test.each([
  ['timestamptz', `'2026-01-01'`, `'infinity'`],
  ['date', `'2026-01-01'`, `'infinity'`],
  ['double precision', '1', `'NaN'`],
  ['numeric', '1', `'NaN'`],
])('a cursor of type %s does not move to a value that nothing is beyond', async (type, value, endless) => {
  await database.query(`DROP TABLE IF EXISTS news, read; CREATE TABLE news (at ${type}); INSERT INTO news VALUES (${value}), (${endless})`)
  const project = new BuiltProject()
  const job = await project.build(moveFlow(database, { table: 'news', cursor: 'at' }, { table: 'read', create_table: true }))
  const { errors } = await project.runJob(job)
  expect(errors).toMatchObject([
    {
      code: 'BAD_ROW',
      message: expect.stringMatching(/^Column "at", the cursor, has the value (infinity|NaN)/),
      hint: expect.stringContaining('"at" <'),
    },
  ])
  await database.query(`DELETE FROM news WHERE at = ${endless}; INSERT INTO news VALUES ('-infinity')`)
  expect((await project.runJob(job)).errors).toEqual([])
  expect(await database.query('SELECT count(*)::int AS n FROM read')).toEqual([{ n: 2 }])
})

test('a text may be infinity, and a cursor all the same', async () => {
  await database.query(`CREATE TABLE words (word text); INSERT INTO words VALUES ('infinity')`)
  await complete(new BuiltProject(), moveFlow(database, { table: 'words', cursor: 'word' }, { table: 'words2', create_table: true }))
})

test.each(['uuid', 'boolean', 'jsonb'])('a column of type %s is refused as a cursor', async (type) => {
  await database.query(`DROP TABLE IF EXISTS unordered; CREATE TABLE unordered (id ${type})`)
  const flow = moveFlow(database, { table: 'unordered', cursor: 'id' }, { table: 'unordered2', create_table: true })
  expect(await fail(new BuiltProject(), flow)).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: `Column "id" is a ${type}, which cannot be a cursor: PostgreSQL has no max of it.`,
    hint: expect.stringContaining('timestamp'),
  })
})

test('a row that is too big for a page is told with its place and what to do', async () => {
  const columns = Array.from({ length: 1500 }, (_, i) => `c${i}`)
  await database.query(`CREATE TABLE wide (${columns.map((name) => `${name} bigint`).join(', ')})`)
  const row = (value: number | null) => Object.fromEntries(columns.map((name) => [name, value]))
  const types = Object.fromEntries(columns.map((name) => [name, 'BIGINT']))
  const flow = writeFlow(database, { rows: [row(null), row(1)], columns: types }, { table: 'wide' })
  expect(await fail(new BuiltProject(), flow)).toMatchObject({
    code: 'DATABASE_FAILED',
    message: expect.stringMatching(/row is too big.*COPY wide, at line 3 or a little before it/),
    hint: expect.stringContaining('8 kB'),
  })
})

test.each([
  ['text', 'VARCHAR', `'a' || chr(0)`],
  ['varchar(9)', 'VARCHAR', `'a' || chr(0)`],
  ['text[]', 'VARCHAR[]', `['b', NULL, 'a' || chr(0)]`],
  ['text[]', 'VARCHAR[][]', `[['b'], ['a' || chr(0)]]`],
])('a character 0 in a column %s is told with the column', async (to, from, value) => {
  await database.query(`DROP TABLE IF EXISTS zeros; CREATE TABLE zeros (id int, note ${to})`)
  const flow = writeFlow(database, { rows: [{ id: 1 }], columns: { id: 'INTEGER' } }, { table: 'zeros' })
  const mod = ['sql_mod', { sql: `SELECT id, CAST(${value} AS ${from}) AS note FROM input` }] as const
  const data = ['rows.data - mod.input', 'mod.output - write.input']
  expect(await fail(new BuiltProject(), { ...flow, modules: { ...flow.modules, mod }, data })).toMatchObject({
    code: 'BAD_ROW',
    message: expect.stringMatching(/^Column "note": .*u0000/),
  })
})

test.each([
  ['16 MB without an end of line', `repeat('x', 17000000)`],
  ['9 MB with ends of lines', `repeat(E'x\\n', 4500000)`],
])('a row of %s is an error where the engine reads it, and goes from server to server', async (_, value) => {
  await database.query('DROP TABLE IF EXISTS long; CREATE TABLE long (note text)')
  const query = `SELECT ${value} AS note`
  const project = new BuiltProject()
  const through = ['sql_mod', { sql: 'SELECT * FROM input' }] as const
  expect(await fail(project, moveFlow(database, { query }, { table: 'long' }, through))).toMatchObject({
    code: 'BAD_ROW',
    message: expect.stringContaining('the engine reads rows of 8000000 at most'),
    hint: expect.stringContaining('query'),
  })
  await complete(project, moveFlow(database, { query }, { table: 'long' }))
  expect(await database.query('SELECT length(note) > 8000000 AS whole FROM long')).toEqual([{ whole: true }])
})
