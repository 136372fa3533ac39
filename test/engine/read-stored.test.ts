import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Table } from 'apache-arrow'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openEngine } from '../../src/engine/duckdb/open-engine.js'
import type { Engine } from '../../src/engine/engine.js'
import { LazyArtifact } from '../../src/run/artifacts/lazy-artifact.js'
import { inlineRows } from '../../src/sdk/scan.js'

const folder = mkdtempSync(path.join(tmpdir(), 'pype-stored-'))
const { signal } = new AbortController()
let engine: Engine

beforeAll(async () => {
  engine = await openEngine({ spillDir: folder, memoryLimit: '500MB', threads: 1, statements: 2, timeZone: 'UTC', cwd: folder })
})

afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const TYPES = { id: 'BIGINT', name: 'VARCHAR', day: 'DATE', ok: 'BOOLEAN' }

function store(rows: readonly { readonly id: number }[], file: string) {
  const target = { kind: 'parquet', path: path.join(folder, file), maxRows: 0 } as const
  return engine.store(inlineRows(rows, TYPES), target, { names: new Map(), signal })
}

it('a module that reads no rows as Arrow gets their columns', async () => {
  const stored = await store([], 'none.parquet')
  const artifact = new LazyArtifact({
    name: 'a.data',
    relation: stored,
    columns: stored.columns,
    engine,
    signal,
    store: async () => stored,
  })
  const table = await artifact.toArrow()
  expect([table.numRows, table.schema.fields.map(({ name, type }) => `${name} ${type}`)]).toEqual([
    0,
    ['id Int64', 'name Utf8', 'day Utf8', 'ok Bool'],
  ])
  const batches = []
  for await (const batch of artifact.batches()) batches.push(batch)
  expect(batches.map(({ numRows }) => numRows)).toEqual([0])
  const again = await engine.ingest(null, new Table(batches), { kind: 'memory', path: '', maxRows: 1 }, { names: new Map(), signal })
  expect(again).toMatchObject({ rows: 0, columns: stored.columns.map(({ name }) => ({ name })) })
})

// The engine ends a stream without a word when it fails half way.
it.each([-1, 1])(
  'a stored file with a number of rows that is off by %i from what was recorded is an error, not fewer rows',
  async (off) => {
    const file = `short${off}.parquet`
    const { columns, rows } = await store([{ id: 1 }, { id: 2 }], file)
    const recorded = engine.open(path.join(folder, file), columns, rows + off)
    const read = async (source: AsyncIterable<unknown>) => {
      for await (const _ of source);
    }
    const failure = { code: 'SQL_FAILED', message: `Reading stored rows ended after 2 of ${2 + off}.` }
    await expect(read(engine.rows(recorded, signal))).rejects.toMatchObject(failure)
    await expect(read(engine.batches(recorded, signal))).rejects.toMatchObject(failure)
  },
)
