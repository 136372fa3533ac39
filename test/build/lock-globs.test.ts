import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LockProject } from './lock-project.js'

let database: DuckDBInstance

beforeAll(async () => {
  database = await DuckDBInstance.create(':memory:', { threads: '1' })
})
afterAll(() => database.closeSync())

/** A job that reads the Parquet files of a glob, with the columns of these queries locked. */
async function lockParquet(files: { readonly [file: string]: string }, settings: object = {}) {
  const project = new LockProject(['parquet_source', { file_path: '*.parquet' }], {}, settings)
  const write = async (file: string, query: string) => {
    const connection = await database.connect()
    await connection.run(`COPY (${query}) TO '${path.join(project.folder, file)}' (FORMAT parquet)`)
    connection.closeSync()
  }
  for (const [file, query] of Object.entries(files)) await write(file, query)
  await project.lock()
  return { project, write }
}

const TWO = { '1.parquet': "SELECT 1::BIGINT AS id, 'a' AS name", '2.parquet': "SELECT 'b' AS name, 2::BIGINT AS id" }

describe('the Parquet files of a glob, one by one', () => {
  test.each([
    ['another type', "SELECT 2.5::DOUBLE AS id, 'b' AS name", 'it has id as DOUBLE and not BIGINT'],
    ['a type that holds more', "SELECT 2::HUGEINT::DECIMAL(38,0) AS id, 'b' AS name", 'it has id as DECIMAL(38,0) and not BIGINT'],
    ['a new column', "SELECT 2::BIGINT AS id, 'b' AS name, 1 AS more", 'it has the new more'],
    ['a missing column', 'SELECT 2::BIGINT AS id', 'it lacks name'],
  ])('freeze: %s in the second one', async (_, query, expected) => {
    const { project, write } = await lockParquet(TWO)
    expect((await project.run()).status).toBe('completed')
    await write('2.parquet', query)
    expect((await project.run()).errors).toMatchObject([
      { code: 'SCHEMA_MISMATCH', message: expect.stringContaining(`2.parquet differs from the locked columns: ${expected}.`) },
    ])
  })

  test('freeze: a narrower type is read as the locked one', async () => {
    const { project, write } = await lockParquet({ '1.parquet': 'SELECT 1::BIGINT AS id, 1.5::DECIMAL(9,2) AS price' })
    await write('2.parquet', 'SELECT 2::SMALLINT AS id, 2.5::DECIMAL(4,1) AS price')
    expect((await project.run()).status).toBe('completed')
    expect(project.rows()).toEqual([
      { id: 1, price: 1.5 },
      { id: 2, price: 2.5 },
    ])
  })

  test('warn: names each file that differs, and reads the locked columns', async () => {
    const { project, write } = await lockParquet(TWO, { schema: 'warn' })
    await write('2.parquet', "SELECT 2::BIGINT AS id, 'b' AS name, 1 AS more")
    await write('3.parquet', "SELECT 3::DOUBLE AS id, 'c' AS name")
    const summary = await project.run()
    expect(project.rows()).toEqual([
      { id: 1, name: 'a' },
      { id: 2, name: 'b' },
      { id: 3, name: 'c' },
    ])
    const log = project.read(path.relative(project.folder, path.join(summary.folder, 'log.jsonl')))
    expect(
      [...log.matchAll(/(\d\.parquet) differs from the locked columns: ([^"]*)\./g)].map(([, file, what]) => `${file} ${what}`),
    ).toEqual(['2.parquet it has the new more', '3.parquet it has id as DOUBLE and not BIGINT'])
    await write('3.parquet', 'SELECT 3::BIGINT AS id')
    expect((await project.run()).errors).toMatchObject([
      { code: 'SCHEMA_MISMATCH', message: expect.stringContaining('3.parquet has the columns id') },
    ])
    await write('3.parquet', "SELECT 3.5::DOUBLE AS id, 'c' AS name")
    expect((await project.run()).errors).toMatchObject([{ code: 'BAD_ROW', message: expect.stringContaining('3.parquet') }])
  })

  test('evolve: takes types that hold the values of all files; their columns are the same', async () => {
    const { project, write } = await lockParquet(TWO, { schema: 'evolve' })
    await write('2.parquet', "SELECT 2.5::DOUBLE AS id, 'b' AS name")
    expect((await project.run()).status).toBe('completed')
    expect(project.rows()).toEqual([
      { id: 1, name: 'a' },
      { id: 2.5, name: 'b' },
    ])
    await write('2.parquet', "SELECT 2.5::DOUBLE AS id, 'b' AS name, 1 AS more")
    expect((await project.run()).errors).toMatchObject([{ code: 'SCHEMA_MISMATCH' }])
  })

  test('columns that folders make have their type from all of them', async () => {
    const project = new LockProject(['parquet_source', { file_path: '*/rows.parquet', hive_partitioning: true }], {})
    const connection = await database.connect()
    await connection.run(
      `COPY (SELECT unnest(['01', 'B2']) AS code, 1::BIGINT AS id) TO '${project.folder}' (FORMAT parquet, PARTITION_BY (code), FILENAME_PATTERN 'rows', OVERWRITE_OR_IGNORE)`,
    )
    connection.closeSync()
    const source = ['parquet_source', { file_path: '*/rows*.parquet', hive_partitioning: true }] as const
    project.configure(source)
    await project.lock()
    expect((await project.run()).status).toBe('completed')
    expect(project.rows()).toEqual([
      { id: 1, code: '01' },
      { id: 1, code: 'B2' },
    ])
  })
})

describe('text files of a glob', () => {
  test.each([
    ['json_source', 'json', '{"id": 1, "name": "a"}\n', '{"id": 2.5, "name": "b"}\n'],
    ['csv_source', 'csv', 'id,name\n1,a\n', 'id,name\n2.5,b\n'],
  ])('%s: a type that differs in one of them is no fault of the first alone', async (module, ending, first, second) => {
    const project = new LockProject([module, { file_path: `?.${ending}` }], { [`1.${ending}`]: first })
    await project.lock()
    project.write(`2.${ending}`, second)
    expect((await project.run()).errors).toMatchObject([
      {
        code: 'SCHEMA_MISMATCH',
        message: expect.stringContaining(
          `1.${ending}, or the file read with it, differs from the locked columns: it has id as DOUBLE and not BIGINT.`,
        ),
      },
    ])
  })

  test('json_source: a field that no record has is missing, one that only some have is not', async () => {
    const project = new LockProject(['json_source', { file_path: '?.json' }], { '1.json': '{"id": 1, "name": "a"}\n' })
    await project.lock()
    project.write('2.json', '{"id": 2}\n')
    expect((await project.run()).status).toBe('completed')
    expect(project.rows()).toEqual([
      { id: 1, name: 'a' },
      { id: 2, name: null },
    ])
    project.write('2.json', '{"id": 2, "more": true}\n')
    expect((await project.run()).errors).toMatchObject([
      {
        code: 'SCHEMA_MISMATCH',
        message: expect.stringContaining('1.json, or the file read with it, differs from the locked columns: it has the new more.'),
      },
    ])
    project.write('1.json', '{"id": 1}\n')
    project.write('2.json', '{"id": 2}\n')
    expect((await project.run()).errors).toMatchObject([{ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('it lacks name.') }])
  })
})
