import { expect, it } from 'vitest'
import { compareColumns } from '../../../src/cli/past-runs/compare/compare-columns.js'
import { compareRuns, type RunDiff } from '../../../src/cli/past-runs/compare/compare-runs.js'
import { formatDiff } from '../../../src/cli/past-runs/compare/format-diff.js'
import { loadRun } from '../../../src/cli/past-runs/show/load-run.js'
import { runPype } from '../pype-project.js'
import { usePastRuns } from './past-project.js'

const place = usePastRuns()

async function compare(a: string, b: string): Promise<RunDiff> {
  const [before, after] = await Promise.all([a, b].map((word) => loadRun(word, undefined, place.root, new Date())))
  if (before === undefined || after === undefined) throw new Error('no run')
  return compareRuns(before, after)
}

function draw(diff: RunDiff, all = false, width = 80): string {
  return formatDiff(diff, { width, paint: (_, text) => text, all })
}

it('what two runs ran with, how their sub flows ended and their columns are compared', async () => {
  const diff = await compare(place.ids.completed, place.ids.failed)
  expect(diff.conditions).toEqual([
    { what: 'date', a: '2026-01-01 00:00:00', b: '2026-01-02 00:00:00' },
    { what: 'context good', a: 'yes', b: 'no' },
  ])
  const bySubFlow = new Map(diff.sub_flows.map((each) => [each.name, each]))
  expect(bySubFlow.get('orders')).toMatchObject({ in: 'both', was_changed: true, status: { a: 'completed', b: 'completed' } })
  expect(bySubFlow.get('check')).toMatchObject({ was_changed: false, status: { a: 'completed', b: 'failed' } })
  expect(bySubFlow.get('after')).toMatchObject({ status: { a: 'completed', b: 'blocked' }, seconds: { a: expect.any(Number), b: null } })
  expect(diff.columns).toEqual([
    { port: 'kept.input', added: [{ name: 'c', type: expect.any(String) }], removed: [], retyped: [], is_reordered: false },
  ])
  const text = draw(diff)
  expect(text).toMatch(/^A {2}\S+ {2}completed .*2 rows\nB {2}\S+ {2}failed /)
  expect(text).toMatch(/^ {2}changed in the flow {2}orders$/m)
  expect(text).toMatch(/^✓→✗ {2}check /m)
  expect(text).toMatch(/^ {2}✓ {4}kept +2 +2 /m)
  expect(text).toContain('    + c BIGINT\n')
  expect(text).toMatch(/sub flows did the same; --all shows them too$/m)
  expect(text).not.toContain('each')
  expect(draw(diff, true)).toContain('each')
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})

it('rows and times that differ are told with by how much', async () => {
  const run = await loadRun(place.ids.completed, undefined, place.root, new Date())
  const [orders] = run.sub_flows
  if (orders === undefined) throw new Error('no sub flow')
  const slower = {
    ...orders,
    work: [{ process: 1, started: '2026-01-01T00:00:00Z', ended: '2026-01-01T00:01:00Z', status: 'completed' as const }],
  }
  const more = {
    ...slower,
    attempts: 3,
    nodes: orders.nodes.map((node) => (node.rows === 2 ? { ...node, rows: 2_000_000, rejected: 1 } : node)),
  }
  const text = draw(compareRuns({ ...run, sub_flows: [slower] }, { ...run, sub_flows: [more, { ...orders, name: 'new' }] }))
  expect(text).toMatch(/kept +2 +2,000,000 +×1000000 /)
  expect(text).toContain('rejected: - → 1')
  expect(text).toContain('attempts: 1 → 3')
  expect(text).toContain('only in B')
})

it('columns that went, have another type or come in another order are told apart', () => {
  const column = (name: string, type = 'INTEGER') => ({ name, type })
  const before = { 'a.x': [column('one'), column('two'), column('three')], 'b.x': [column('one')], 'only.a': [column('one')] }
  const after = { 'a.x': [column('three'), column('one', 'BIGINT')], 'b.x': [column('one')], 'only.b': [column('one')] }
  expect(compareColumns(before, after)).toEqual([
    { port: 'a.x', added: [], removed: [column('two')], retyped: [{ name: 'one', a: 'INTEGER', b: 'BIGINT' }], is_reordered: true },
  ])
})

it('a run compared with itself did the same', async () => {
  const { stdout, code, stderr } = await runPype(['diff', 'daily~2', place.ids.completed], place.root, {})
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/\n\n {2}6 sub flows did the same\n$/)
})
