import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openEngine } from '../../src/engine/duckdb/open-engine.js'
import type { Engine } from '../../src/engine/engine.js'
import type { QueryRelation, StoredRelation } from '../../src/sdk/relation.js'
import { sql } from '../../src/sdk/sql.js'
import { type RandomColumn, randomColumns } from './random-values.js'

const folder = mkdtempSync(path.join(tmpdir(), 'pype-types-'))
const statement = { names: new Map(), signal: new AbortController().signal }
let engine: Engine

beforeAll(async () => {
  engine = await openEngine({ spillDir: folder, memoryLimit: '500MB', threads: 2, statements: 2, timeZone: 'UTC', cwd: folder })
})

afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

/** The columns with the number of each row. */
function select(columns: readonly RandomColumn[]): QueryRelation {
  const rows = [0, 1, 2].map((row) => `SELECT ${row} AS row, ${columns.map(({ values }, i) => `${values[row]} AS c${i}`).join(', ')}`)
  return { kind: 'query', parts: [{ kind: 'text', text: rows.join(' UNION ALL ') }] }
}

/** Where the columns of two relations differ in a value, its text or its type. */
async function findDifferences(columns: readonly RandomColumn[], a: StoredRelation, b: StoredRelation): Promise<readonly unknown[]> {
  const found: unknown[] = []
  for (const [i, { type }] of columns.entries()) {
    const is = `a.c${i} IS NOT DISTINCT FROM b.c${i} AND CAST(a.c${i} AS VARCHAR) IS NOT DISTINCT FROM CAST(b.c${i} AS VARCHAR) AND typeof(a.c${i}) = typeof(b.c${i})`
    const differing: QueryRelation = {
      kind: 'query',
      parts: [
        { kind: 'text', text: `SELECT CAST(a.c${i} AS VARCHAR) AS held, CAST(b.c${i} AS VARCHAR) AS read, typeof(b.c${i}) AS type FROM ` },
        ...sql`${a} AS a JOIN ${b} AS b USING (row)`.parts,
        { kind: 'text', text: ` WHERE NOT (${is})` },
      ],
    }
    for (const row of await engine.head(differing, 3, statement)) found.push({ ...row, expected: type })
  }
  return found
}

it('values of every type, nested in every way, are the same when they have crossed a boundary', async () => {
  let files = 0
  await fc.assert(
    fc.asyncProperty(randomColumns(), async (columns) => {
      const file = path.join(folder, `${files++}.parquet`)
      const held = await engine.store(select(columns), { kind: 'memory', path: '', maxRows: 10 }, statement)
      const stored = await engine.store(sql`SELECT * FROM ${held}`, { kind: 'parquet', path: file, maxRows: 0 }, statement)
      const read = engine.open(file, stored.columns, stored.rows)
      expect(stored.columns).toEqual(held.columns)
      expect(await findDifferences(columns, held, read)).toEqual([])
      await engine.free(read)
      await engine.free(held)
    }),
    { numRuns: 150 },
  )
})
