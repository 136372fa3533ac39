import { beforeAll, expect, test } from 'vitest'
import { DiagnosticsError, validateFlow } from '../../src/index.js'
import { createConnector } from '../../src/run/database-connections/create-connector.js'
import { type Flow, ModuleProject } from '../modules/module-flow.js'
import { createDatabase, type TestDatabase } from './server.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await database.query(
    `CREATE TABLE orders (id int PRIMARY KEY, amount numeric(9,2), note text, tags text[], at timestamptz);
     CREATE TABLE totals (day date NOT NULL, total bigint, PRIMARY KEY (day))`,
  )
})

const WAREHOUSE = '{{context.warehouse}}'

interface Checked {
  readonly columns: { readonly [port: string]: readonly string[] | string }
  readonly errors: readonly string[]
}

/** What a flow is checked with, its connection in the context; columns by port, or what is wrong with hints. */
async function check(flow: Flow, context: object = { warehouse: database.url }, isConnected = true): Promise<Checked> {
  const project = new ModuleProject()
  project.write('context/test_default.json', JSON.stringify(context))
  const head = { flow: { name: 'test', version: '1.0.0', authors: ['test'], created: '2026-01-01' } }
  const modules = Object.entries(flow.modules).map(([id, [name, configs]]) => ({ id, name, configs }))
  project.write('test.yaml', JSON.stringify({ ...head, modules, connections: { data: flow.data ?? [], control: flow.control ?? [] } }))
  const connect = (connected: { readonly name: string; readonly timeZone: string }) =>
    createConnector({
      flow: connected.name,
      timeZone: connected.timeZone,
      jobFolder: project.folder,
      cwd: project.folder,
      context: undefined,
      set: [],
      env: {},
    })
  try {
    const { columns } = await validateFlow(project.path('test.yaml'), {
      columns: { cwd: project.folder, ...(isConnected ? { connect } : {}) },
    })
    const ports = [...(columns ?? [])].flatMap(([node, found]) =>
      [...found].map(([port, known]) => [`${node.flow.id}.${port}`, known] as const),
    )
    return {
      errors: [],
      columns: Object.fromEntries(
        ports.map(([port, known]) => [
          port,
          known.kind === 'known' ? known.columns.map(({ name, type }) => `${name} ${type}`) : known.reason,
        ]),
      ),
    }
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error
    return { columns: {}, errors: error.diagnostics.map(({ code, message }) => `${code} ${message}`) }
  }
}

/** A flow that moves rows between two tables through a select_mod. */
function move(read: object, select: object, write: object): Flow {
  return {
    modules: {
      read: ['postgres_source', { connection: WAREHOUSE, ...read }],
      select: ['select_mod', select],
      write: ['postgres_sink', { connection: WAREHOUSE, ...write }],
    },
    data: ['read.data - select.input', 'select.output - write.input'],
  }
}

test('tables and queries tell their columns when they are asked, and go on from there', async () => {
  const flow = move(
    { query: 'SELECT id, amount, at, tags FROM orders' },
    { drop: ['tags'], rename: { amount: 'total' } },
    { table: 'fresh', create_table: true },
  )
  const { columns, errors } = await check(flow)
  expect(errors).toEqual([])
  expect(columns).toEqual({
    'read.data': ['id INTEGER', 'amount DECIMAL(9,2)', 'at TIMESTAMP WITH TIME ZONE', 'tags VARCHAR[]'],
    'select.output': ['id INTEGER', 'total DECIMAL(9,2)', 'at TIMESTAMP WITH TIME ZONE'],
  })
  expect((await check(flow, { warehouse: null }, false)).columns).toEqual({
    'read.data': 'its database is asked with --connect only',
    'select.output': 'what enters by input is not known',
  })
})

test.each<[string, Flow, string]>([
  [
    'a table that there is not',
    move({ table: 'order' }, { drop: ['x'] }, { table: 'totals' }),
    'TABLE_NOT_FOUND "read": There is no table order in the database.',
  ],
  [
    'a column that the source lacks',
    move({ table: 'orders', columns: ['id', 'amuont'] }, { drop: ['x'] }, { table: 'totals' }),
    'SCHEMA_MISMATCH "read": There is no column amuont; there are id, amount, note, tags, at.',
  ],
  [
    'a column of the source that a mod misspells',
    move({ table: 'orders' }, { columns: ['amuont'] }, { table: 'totals' }),
    'SQL_INVALID "select": There is no column "amuont" in the input.',
  ],
  [
    'a column that the table of a sink lacks',
    move({ table: 'orders' }, { columns: ['at', 'amount'], rename: { at: 'day' } }, { table: 'totals' }),
    'SCHEMA_MISMATCH "write": "public"."totals" has no column amount; it has day, total.',
  ],
  [
    'a column that the table needs',
    move({ table: 'orders' }, { columns: ['amount'], rename: { amount: 'total' } }, { table: 'totals' }),
    'SCHEMA_MISMATCH "write": The rows have no column day, which "public"."totals" needs: it may not be NULL and has no default.',
  ],
  [
    'SQL that the server refuses',
    move({ query: 'SELECT idd FROM orders' }, { drop: ['x'] }, { table: 'totals' }),
    'column "idd" does not exist',
  ],
])('%s', async (_, flow, expected) => {
  const { errors } = await check(flow)
  expect(errors).toHaveLength(1)
  expect(errors[0]).toContain(expected)
})

test('keys are looked for in the rows without a database', async () => {
  const flow: Flow = {
    modules: {
      rows: ['inline_source', { rows: [{ id: 1 }] }],
      write: ['postgres_sink', { connection: WAREHOUSE, table: 't', mode: 'upsert', keys: ['idd'] }],
    },
    data: ['rows.data - write.input'],
  }
  expect((await check(flow, { warehouse: null }, false)).errors).toEqual([
    'SCHEMA_MISMATCH "write": The key "idd" is no column of the rows.',
  ])
})

test('a database that cannot be reached is an error, without its password; so is a context that lacks the connection', async () => {
  const flow = move({ table: 'orders' }, { columns: ['id'] }, { table: 'totals' })
  const wrong = await check(flow, { warehouse: database.url.replace(`/${database.name}`, '/nowhere_at_all') })
  expect(wrong.errors.length).toBeGreaterThan(0)
  expect(wrong.errors.join()).toMatch(/^DATABASE_/)
  expect(wrong.errors.join()).not.toContain(database.password)
  expect((await check(flow, { warehouse: null })).errors.join()).toMatch(/^CONTEXT_MISSING "read": The context has no value for warehouse/)
})

test('a table that an earlier node may make or change is not looked at', async () => {
  const flow = move({ table: 'made_in_the_run' }, { columns: ['id'] }, { table: 'totals' })
  const { errors, columns } = await check({
    ...flow,
    modules: { ...flow.modules, make: ['postgres_query', { connection: WAREHOUSE, sql: 'CREATE TABLE made_in_the_run (id int)' }] },
    control: ['make (1|) read'],
  })
  expect(errors).toEqual([])
  expect(columns['read.data']).toBe('"make" may change its database before')
})
