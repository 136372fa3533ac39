import { expect, test } from 'vitest'
import { createProject } from '../../../cli/pype-project.js'

const FLOW = `flow: { name: adds, version: 1.0.0, authors: ["test"], created: "2026-01-01" }
settings: { on_overlap: allow }
modules:
  - { id: list, name: inline_source, configs: { rows: [${Array.from({ length: 30 }, (_, i) => `{ i: ${i} }`).join(', ')}] } }
  - { id: rows, name: inline_source, configs: { rows: [{ i: "{{iter.item.i}}" }] } }
  - { id: all, name: csv_sink, configs: { output_path: all.csv, mode: append } }
connections: { data: [rows.data - all.input], control: ["list (1|iterate) rows"] }
`

/** Each of 30 numbers as often as there were runs. */
function expected(runs: number): string[] {
  return Array.from({ length: 30 * runs }, (_, i) => String(i % 30)).sort()
}

test('no row is lost when processes append to one file at the same time', async () => {
  const project = createProject({ 'adds.yaml': FLOW })
  await project.pype(['build', 'adds.yaml'])
  const ended = await Promise.all([1, 2, 3].map(() => project.pype(['run', 'adds'])))
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0])
  const [header, ...rows] = project.read('all.csv').trimEnd().split('\n')
  expect([header, ...rows.sort()]).toEqual(['i', ...expected(3)])
})

test('no row is lost when the runs of a backfill append to one file at the same time', async () => {
  const project = createProject({ 'adds.yaml': FLOW })
  await project.pype(['build', 'adds.yaml'])
  const { code } = await project.pype(['run', 'adds', '--from', '2026-01-01', '--to', '2026-01-03', '--parallel', '3'])
  expect(code).toBe(0)
  expect(project.read('all.csv').trimEnd().split('\n').slice(1).sort()).toEqual(expected(3))
})
