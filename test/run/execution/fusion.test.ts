import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildFlow, runJob } from '../../../src/index.js'
import { flowArbitrary, type RandomNode, writeFlow } from './random-flow.js'

let folder: string
let runs = 0

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pype-fusion-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a flow and returns the sorted lines of every file that it wrote: order is promised only right after a sort. */
async function rowsOf(
  nodes: readonly RandomNode[],
  way: { readonly stepwise: boolean; readonly optimizer: boolean },
): Promise<Record<string, string[]>> {
  const name = `f${++runs}`
  const own = path.join(folder, name)
  mkdirSync(own)
  const flow = path.join(own, `${name}.yaml`)
  writeFileSync(flow, writeFlow(name, nodes, way.stepwise))
  const { job } = await buildFlow(flow, { out: own })
  const summary = await runJob(job, {
    cwd: own,
    env: {},
    set: [`out=${own}/out`],
    log: { level: 'info', destinations: [] },
    engine: { optimizer: way.optimizer },
  })
  expect(summary.errors).toEqual([])
  const out = path.join(own, 'out')
  const files = Object.fromEntries(readdirSync(out).map((file) => [file, readFileSync(path.join(out, file), 'utf8').split('\n').sort()]))
  rmSync(own, { recursive: true, force: true })
  return files
}

test('random flows give the same rows fused, with every step stored, and without the optimizer', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(flowArbitrary, async (nodes) => {
      const fused = await rowsOf(nodes, { stepwise: false, optimizer: true })
      expect(await rowsOf(nodes, { stepwise: true, optimizer: true })).toEqual(fused)
      expect(await rowsOf(nodes, { stepwise: false, optimizer: false })).toEqual(fused)
    }),
    { numRuns: Number(process.env['PYPE_PROPERTY_RUNS'] ?? 30) },
  )
})

test('the two ports of a filter together hold each row exactly once, whatever the condition is', { timeout: 120_000 }, async () => {
  const conditions = fc.constantFrom('random() < 0.5', 'i > 0', 'NULL', 'f', 'd > 0', 'isnan(d)', "s IN ('a', NULL)")
  await fc.assert(
    fc.asyncProperty(conditions, fc.boolean(), async (condition, stepwise) => {
      const rows = Array.from({ length: 1000 }, (_, id) => ({
        id,
        i: id % 3 === 0 ? null : (id % 5) - 2,
        d: ['nan', '0', 'inf', null][id % 4],
        s: ['a', 'b', null][id % 3],
        f: [true, false, null][id % 3],
      }))
      const nodes: RandomNode[] = [
        {
          id: 'src',
          module: 'inline_source',
          configs: { rows, columns: { id: 'INTEGER', i: 'INTEGER', d: 'DOUBLE', s: 'VARCHAR', f: 'BOOLEAN' } },
          reads: [],
        },
        { id: 'keep', module: 'filter_mod', configs: { condition }, reads: [['src.data', 'input']] },
        { id: 'a', module: 'csv_sink', configs: { output_path: '{{context.out}}/a.csv' }, reads: [['keep.output', 'input']] },
        { id: 'b', module: 'csv_sink', configs: { output_path: '{{context.out}}/b.csv' }, reads: [['keep.reject', 'input']] },
      ]
      const files = await rowsOf(nodes, { stepwise, optimizer: true })
      const ids = Object.values(files).flatMap((lines) =>
        lines.filter((line) => /^\d/.test(line)).map((line) => Number(line.split(',')[0])),
      )
      expect(ids.sort((x, y) => x - y)).toEqual(rows.map((row) => row.id))
    }),
    { numRuns: 10 },
  )
})
