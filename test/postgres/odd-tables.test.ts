import { beforeAll, expect, test } from 'vitest'
import { BuiltProject, complete, fail, moveFlow, writeFlow } from './flow.js'
import { createDatabase, type TestDatabase } from './server.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

const idsOf = async (table: string) => (await database.query(`SELECT id FROM ${table} ORDER BY 1`)).map(({ id }) => id)

/** A name that the server cuts down to that of another table. */
const KEPT = `orders_${'x'.repeat(56)}`
const LONG = `${KEPT}_copy`

test('a name that the server would cut off is an error, and no other table is written or read', async () => {
  await database.query(`CREATE TABLE ${KEPT} (id int); INSERT INTO ${KEPT} VALUES (1)`)
  const project = new BuiltProject()
  const built = project.build(writeFlow(database, [{ id: 2 }], { table: LONG, mode: 'overwrite', create_table: true }))
  await expect(built).rejects.toThrow(`The name ${LONG} has 68 bytes, and PostgreSQL keeps 63 of a name.`)
  await expect(project.build(moveFlow(database, { table: `public.${LONG}` }, { table: 'x' }))).rejects.toThrow(/has 68 bytes/)
  const later = { table: `${KEPT}{{run.job}}`, mode: 'overwrite', create_table: true }
  expect(await fail(project, writeFlow(database, [{ id: 2 }], later))).toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/flow\d+ has \d+ bytes/),
  })
  expect(await fail(project, writeFlow(database, [{ [LONG]: 2 }], { table: 'made', create_table: true }))).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining(LONG),
    hint: expect.stringContaining('select_mod'),
  })
  expect(await fail(project, moveFlow(database, { query: `SELECT id FROM ${LONG}` }, { table: KEPT }))).toMatchObject({
    code: 'SQL_INVALID',
    message: expect.stringContaining(LONG),
  })
  const quiet = { host: database.host, port: database.port, database: database.name, user: database.user, password: database.password }
  const ask = { connection: { ...quiet, options: { client_min_messages: 'error' } }, sql: `DELETE FROM ${LONG}` }
  expect(await fail(project, { modules: { ask: ['postgres_query', ask] } })).toMatchObject({ code: 'SQL_INVALID' })
  expect(await idsOf(KEPT)).toEqual([1])
  const longest = 'é'.repeat(31)
  await complete(project, writeFlow(database, [{ id: 3 }], { table: `"${longest}"`, create_table: true }))
  expect(await idsOf(`"${longest}"`)).toEqual(['3'])
})

test.each([{}, { mode: 'append' }, { mode: 'overwrite' }, { mode: 'error_if_exists' }])(
  'keys without mode upsert are an error of the build: %o',
  async (mode) => {
    const built = new BuiltProject().build(writeFlow(database, [{ id: 1 }], { table: 'x', keys: ['id'], ...mode }))
    await expect(built).rejects.toThrow(/keys go with mode upsert, and the mode is/)
  },
)

test('overwrite refuses a table that others inherit from, whose rows would go too', async () => {
  await database.query(
    `CREATE TABLE parent (id int); CREATE TABLE child () INHERITS (parent); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2)`,
  )
  const project = new BuiltProject()
  expect(await fail(project, writeFlow(database, [{ id: 3 }], { table: 'parent', mode: 'overwrite' }))).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('public.child'),
    hint: expect.stringContaining('DELETE FROM ONLY'),
  })
  await complete(project, writeFlow(database, [{ id: 3 }], { table: 'parent' }))
  await complete(project, writeFlow(database, [{ id: 4 }], { table: 'child', mode: 'overwrite' }))
  expect(await idsOf('parent')).toEqual([1, 3, 4])
})

test('a table with chunks of TimescaleDB is overwritten with them', async () => {
  await database.query(`CREATE SCHEMA _timescaledb_internal; CREATE TABLE chunked (id int);
    CREATE TABLE _timescaledb_internal.chunk () INHERITS (chunked); INSERT INTO _timescaledb_internal.chunk VALUES (1)`)
  await complete(new BuiltProject(), writeFlow(database, [{ id: 2 }], { table: 'chunked', mode: 'overwrite' }))
  expect(await idsOf('chunked')).toEqual([2])
})

test.each([
  ['ON INSERT TO ruled DO INSTEAD NOTHING', 'overwrite'],
  ['ON DELETE TO ruled DO INSTEAD NOTHING', 'overwrite'],
  ['ON INSERT TO ruled DO INSTEAD NOTHING', 'upsert'],
])('a table with RULE … %s is refused by mode %s', async (rule, mode) => {
  await database.query(
    `DROP TABLE IF EXISTS ruled; CREATE TABLE ruled (id int PRIMARY KEY); INSERT INTO ruled VALUES (1); CREATE RULE "my rule" AS ${rule}`,
  )
  const keys = mode === 'upsert' ? { keys: ['id'] } : {}
  expect(await fail(new BuiltProject(), writeFlow(database, [{ id: 2 }], { table: 'ruled', mode, ...keys }))).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('the rule my rule'),
  })
  expect(await idsOf('ruled')).toEqual([1])
})

test('a view takes rows in each mode in which the server takes them, and is refused else', async () => {
  await database.query(`CREATE TABLE base (id int, note text); CREATE VIEW open_view AS SELECT id, note FROM base;
    CREATE VIEW sums AS SELECT count(*) AS id FROM base; CREATE MATERIALIZED VIEW kept AS SELECT id FROM base`)
  const project = new BuiltProject()
  await complete(project, writeFlow(database, [{ id: 1 }], { table: 'open_view' }))
  await complete(project, writeFlow(database, [{ id: 2 }], { table: 'open_view' }))
  expect(await idsOf('base')).toEqual([1, 2])
  await complete(project, writeFlow(database, [{ id: 3 }], { table: 'open_view', mode: 'overwrite' }))
  expect(await idsOf('base')).toEqual([3])
  for (const mode of ['append', 'overwrite']) {
    for (const table of ['sums', 'kept']) {
      const error = await fail(project, writeFlow(database, [{ id: 1 }], { table, mode }))
      expect(error).toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('takes no rows') })
      expect(error.hint).toMatch(/^write the table/)
    }
  }
})
