import { beforeAll, expect, test } from 'vitest'
import { ModuleProject } from '../modules/module-flow.js'
import { createDatabase, type TestDatabase } from './server.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

test('rows go through the engine from one table to another', async () => {
  await database.query(`CREATE TABLE a AS SELECT i AS id, 'n' || i AS name, i / 3.0::numeric(10,2) AS x FROM generate_series(1, 1000) i`)
  await database.query('CREATE TABLE b (id int PRIMARY KEY, name text, x numeric(12,4), y int DEFAULT 7)')
  const project = new ModuleProject()
  const { summary } = await project.run({
    modules: {
      read: ['postgres_source', { connection: database.url, table: 'a' }],
      keep: ['filter_mod', { condition: 'id > 10' }],
      write: ['postgres_sink', { connection: database.url, table: 'b' }],
    },
    data: ['read.data - keep.input', 'keep.output - write.input'],
  })
  expect(summary.errors).toEqual([])
  expect(await database.query('SELECT count(*)::int AS n, sum(y)::int AS y FROM b')).toEqual([{ n: 990, y: 6930 }])
})
