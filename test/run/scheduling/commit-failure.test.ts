import { expect, it } from 'vitest'
import { ModuleProject } from '../../modules/module-flow.js'

const LOOP_OVER_FILES = {
  modules: {
    names: ['inline_source', { rows: [{ n: 'b' }, { n: 'a' }, { n: 'c' }] }],
    rows: ['inline_source', { rows: [{ x: 1 }, { x: 2 }] }],
    out: ['csv_sink', { output_path: '{{iter.item.n}}.csv' }],
  },
  data: ['rows.data - out.input'],
  control: ['names (1|iterate) rows'],
  settings: { fail_strategy: 'continue', retries: 1, retry_delay: 0 },
} as const

it('a failure at the commit has the frame and the place of its node, and an event', async () => {
  const project = new ModuleProject({ 'a.csv/x': '' })
  const { summary, log } = await project.run(LOOP_OVER_FILES)
  expect(summary.errors).toMatchObject([{ code: 'FILE_UNWRITABLE', node: 'out#1', at: { file: 'jobs/flow1/flow1.yaml', line: 1 } }])
  expect(log.filter(({ event }) => event === 'node.failed')).toMatchObject([
    { node: 'out', frame: '1', level: 'error' },
    { node: 'out', frame: '1', level: 'error' },
  ])
})

it('the summary counts what was committed, and not the rows of attempts that were rolled back', async () => {
  const project = new ModuleProject({ 'a.csv/x': '' })
  const { summary } = await project.run(LOOP_OVER_FILES)
  expect(summary.nodes.find(({ node }) => node === 'out')).toMatchObject({ runs: 2, rows: 4 })
  expect(summary.sub_flows).toMatchObject({ completed: 3, failed: 1 })
})

it('a target that two frames come to at once is told as a failure of the node in the later one', async () => {
  const { modules } = LOOP_OVER_FILES
  const { summary } = await new ModuleProject().run({
    ...LOOP_OVER_FILES,
    modules: { ...modules, names: ['inline_source', { rows: [{ n: 'a' }, { n: 'a' }] }] },
    control: [{ from: 'names', to: 'rows', order: 1, type: 'iterate', concurrency: 2 }],
    settings: { fail_strategy: 'continue' },
  })
  expect(summary.errors).toMatchObject([{ code: 'TARGET_CLASH', node: expect.stringMatching(/^out#[01]$/), at: { line: 1 } }])
})
