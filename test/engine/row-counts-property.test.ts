import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openEngine } from '../../src/engine/duckdb/open-engine.js'
import { VOLATILE_FUNCTIONS } from '../../src/engine/duckdb/row-counts/volatile-filter.js'
import type { Engine, StatementOptions } from '../../src/engine/engine.js'
import type { Relation, ScanRelation } from '../../src/sdk/relation.js'
import { sql } from '../../src/sdk/sql.js'

const ROWS = 5000
const options: StatementOptions = { names: new Map(), signal: new AbortController().signal }
let folder: string
let engine: Engine
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'pype-counts-'))
  engine = await openEngine({
    spillDir: path.join(folder, 'spill'),
    memoryLimit: '500MB',
    threads: 2,
    statements: 2,
    timeZone: 'UTC',
    cwd: folder,
  })
  const lines = Array.from({ length: ROWS }, (_, i) => `${i},${i % 7},${i % 11 === 0 ? '' : i % 13}`)
  writeFileSync(path.join(folder, 'numbers.csv'), `a,b,c\n${lines.join('\n')}\n`)
  await engine.copy(scan('csv'), path.join(folder, 'numbers.parquet'), { format: 'parquet', options: {} }, options)
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

/** Rows with the integers a, b and c, which may be NULL. */
function scan(format: 'csv' | 'parquet'): ScanRelation {
  const columns = ['a', 'b', 'c'].map((name) => ({ name, type: 'BIGINT' }))
  return {
    kind: 'scan',
    format,
    paths: [`numbers.${format}`],
    columns: { kind: 'typed', columns },
    badRows: 'fail',
    options: format === 'csv' ? { header: true, delimiter: ',' } : {},
  }
}

/** Steps that keep the columns a, b and c. */
const STEPS: readonly ((one: Relation, other: Relation, n: number) => Relation)[] = [
  (one, _, n) => sql`SELECT * FROM ${one} WHERE a % 10 <> ${n}`,
  (one, _, n) => sql`SELECT * FROM ${one} WHERE b > ${n % 5} AND c IS NOT NULL`,
  (one) => sql`SELECT a, b + 1 AS b, c FROM ${one}`,
  (one, _, n) => sql`SELECT a, (b * 3) % 7 AS b, coalesce(c, ${n}) AS c FROM ${one}`,
  (one, other) => sql`SELECT x.* FROM ${one} x JOIN (SELECT DISTINCT b FROM ${other} WHERE b < 6) y ON x.b = y.b`,
  (one, other) => sql`SELECT x.a, y.b, x.c FROM ${one} x, (SELECT max(a) AS a, b FROM ${other} GROUP BY b) y WHERE x.b = y.b AND x.a > 3`,
  (one, other) => sql`SELECT x.a, x.b, y.a % 5 AS c FROM ${one} x LEFT JOIN (SELECT b, min(a) AS a FROM ${other} GROUP BY ALL) y USING (b)`,
  (one, other) => sql`SELECT * FROM ${one} x WHERE EXISTS (SELECT 1 FROM ${other} y WHERE y.b = x.b AND y.a > 1)`,
  (one, other) => sql`SELECT * FROM ${one} WHERE b IN (SELECT b FROM ${other} WHERE a > 10)`,
  (one, other) => sql`SELECT a, b, (SELECT count(*) FROM ${other} y WHERE y.b = x.b) % 9 AS c FROM ${one} x`,
  (one) => sql`SELECT max(a) AS a, b, c FROM ${one} GROUP BY b, c`,
  (one) => sql`SELECT * FROM ${one} QUALIFY row_number() OVER (PARTITION BY b ORDER BY a) < 20`,
  (one) => sql`SELECT DISTINCT * FROM ${one}`,
  (one, other) => sql`SELECT * FROM ${one} UNION ALL SELECT * FROM ${other}`,
  (one, other) => sql`SELECT * FROM ${one} EXCEPT SELECT * FROM ${other} WHERE a < 5`,
  (one) => sql`SELECT * FROM ${one} ORDER BY c, a DESC, b`,
  (one, _, n) => sql`SELECT * FROM ${one} ORDER BY a, b, c LIMIT ${n * 100}`,
  (one) => sql`SELECT a, unnest([b, b + 1]) AS b, c FROM ${one}`,
  (one) => sql`WITH t AS (SELECT * FROM ${one}) SELECT x.* FROM t x SEMI JOIN t y ON x.a = y.a + 1`,
]

const number = fc.nat({ max: 100 })
const flows = fc.array(
  fc.record({ step: fc.nat({ max: STEPS.length - 1 }), one: number, other: number, n: fc.integer({ min: 1, max: 9 }) }),
  {
    minLength: 1,
    maxLength: 7,
  },
)

it('counts of the relations of a random statement are those of each alone, and its rows stay the same', async () => {
  await fc.assert(
    fc.asyncProperty(flows, async (flow) => {
      const relations: Relation[] = [scan('csv'), scan('parquet')]
      for (const { step, one, other, n } of flow) {
        // Mostly on top of the last one, so that the chains get long.
        const input = one % 3 > 0 ? relations.at(-1) : relations[one % relations.length]
        const second = relations[other % relations.length]
        const next = input === undefined || second === undefined ? undefined : STEPS[step]?.(input, second, n)
        if (next !== undefined) relations.push(next)
      }
      const root = relations.at(-1) ?? scan('csv')
      const expected = new Map<Relation, string>()
      for (const relation of relations) expected.set(relation, (await summarize(relation)).rows)
      const before = await summarize(root)
      const counted = await storeCounting(root, new Set(relations))
      expect(await summarize(root)).toEqual(before)
      for (const [relation, rows] of counted) {
        if (Number(expected.get(relation)) !== rows)
          throw new Error(`${rows} rows counted of ${expected.get(relation)}: ${JSON.stringify(relation)}`)
      }
      // A join with nothing reads nothing of its other side.
      if ([...expected.values()].every((rows) => rows !== '0')) {
        for (const relation of relationsBelow(root)) if (expected.has(relation)) expect(counted.has(relation)).toBe(true)
      }
    }),
    { numRuns: Number(process.env['COUNT_RUNS'] ?? 20) },
  )
})

it('a filter that reads no column is not taken for one of the relations below', async () => {
  const numbers = scan('csv')
  const derived = sql`SELECT *, a + 1 AS d FROM ${numbers}`
  const inner = sql`SELECT * FROM ${derived}`
  const picked = sql`SELECT * FROM ${inner} WHERE random() < 0.5`
  const root = sql`SELECT a FROM ${picked} WHERE d > 1`
  const counts = await storeCounting(root, new Set([numbers, derived, picked, root]))
  expect([counts.get(numbers), counts.get(derived)]).toEqual([ROWS, ROWS])
  expect(counts.get(picked)).toBeGreaterThan(0)
  expect(counts.get(picked)).toBeLessThan(ROWS)
})

it('counts where nobody reads a column, and where columns are called like a counter', async () => {
  const numbers = scan('csv')
  const named = sql`SELECT a AS "rows of 0", b AS "Rows of 0'", 'rows of 0' AS c FROM ${numbers}`
  const root = sql`SELECT count(*) AS n FROM ${named}`
  expect(await storeCounting(root, new Set([numbers, named, root]))).toEqual(
    new Map<Relation, number>([
      [numbers, ROWS],
      [named, ROWS],
      [root, 1],
    ]),
  )
})

it('the volatile functions are those of the engine', async () => {
  const names = sql`SELECT string_agg(DISTINCT function_name, ',' ORDER BY function_name) AS names FROM duckdb_functions() WHERE function_type = 'scalar' AND stability = 'VOLATILE'`
  expect((await engine.firstRow(names, options))['names']?.text?.split(',')).toEqual([...VOLATILE_FUNCTIONS].sort())
})

async function storeCounting(root: Relation, asked: ReadonlySet<Relation>): Promise<Map<Relation, number>> {
  const counts = new Map<Relation, number>()
  const watch = {
    isCounted: (relation: Relation) => asked.has(relation),
    onRows: (relation: Relation, rows: number) => counts.set(relation, rows),
  }
  const target = { kind: 'memory', path: path.join(folder, 'rows.parquet'), maxRows: 1e9 } as const
  await engine.columns(root, options)
  await engine.store(root, target, { ...options, watch })
  return counts
}

/** The number of rows and a sum over all of them. */
async function summarize(relation: Relation): Promise<{ rows: string; hash: string }> {
  const row = await engine.firstRow(
    sql`SELECT count(*) AS rows, coalesce(sum(hash(r)), 0) AS hash FROM (SELECT * FROM ${relation}) AS r`,
    options,
  )
  return { rows: row['rows']?.text ?? '', hash: row['hash']?.text ?? '' }
}

function relationsBelow(root: Relation): Set<Relation> {
  const found = new Set([root])
  for (const relation of found)
    if (relation.kind === 'query') for (const part of relation.parts) if (part.kind === 'relation') found.add(part.relation)
  return found
}
