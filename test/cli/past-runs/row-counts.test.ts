import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { formatRun } from '../../../src/cli/past-runs/show/format-run.js'
import { loadRun } from '../../../src/cli/past-runs/show/load-run.js'
import { drawFlow } from '../../../src/graph/drawing.js'
import { renderGraph } from '../../../src/graph/graph.js'
import { readProgress } from '../../../src/run/history/read-progress.js'
import { loadJob } from '../../../src/run/job/load-job.js'
import { JobPlace } from '../../run/job/job-fixture.js'

const FLOW = `
settings: { row_counts: all }
modules:
  - { id: orders, name: inline_source, configs: { rows: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }] } }
  - { id: large, name: filter_mod, configs: { condition: "n > 1" } }
  - { id: odd, name: filter_mod, configs: { condition: "n % 2 = 1" } }
  - { id: kept, name: csv_sink, configs: { output_path: kept.csv } }
  - { id: small, name: csv_sink, configs: { output_path: small.csv } }
connections:
  data: [orders.data - large.input, large.output - odd.input, odd.output - kept.input, large.reject - small.input]
  control: []
`

const place = new JobPlace()
let job = ''
let run = ''
beforeAll(async () => {
  job = await place.build(FLOW, 'counted')
  run = (await place.run(job, {})).run
})
afterAll(() => place.remove())

it('show tells the rows of every data connection, and the ports of a node that has several', async () => {
  const shown = await loadRun(run, path.join(job, 'runs'), place.root, new Date())
  const nodes = shown.sub_flows.flatMap((subFlow) => subFlow.nodes)
  expect(Object.fromEntries(nodes.map(({ node, outputs }) => [node, outputs]))).toEqual({
    orders: { data: 4 },
    large: { output: 3, reject: 1 },
    odd: { output: 1 },
    kept: {},
    small: {},
  })
  const text = formatRun(shown, '', { width: 100, paint: (_, each) => each, now: Date.now() })
  expect(text).toMatch(/^ {2}✓ large +3\n {6}\.output +3\n {6}\.reject +1\n {2}✓ odd +1/m)
})

it.each(['text', 'mermaid', 'dot', 'svg'] as const)('graph --run has the rows of each data connection: %s', async (format) => {
  const { dag, metadata } = loadJob(job)
  const progress = await readProgress(path.join(job, 'runs'), run, dag, metadata)
  const text = await renderGraph(drawFlow(dag, metadata, progress), format, { width: 100, paint: (_, each) => each })
  expect(text).toContain('reject (1 row)')
  // Once at the node, once at the connection.
  expect(text.match(/(?<!\d)4 rows/g)?.length).toBeGreaterThanOrEqual(2)
  expect(text.match(/(?<!\d)3 rows/g)?.length).toBeGreaterThanOrEqual(2)
  expect(await renderGraph(drawFlow(dag, metadata), format, { width: 100, paint: (_, each) => each })).not.toContain('1 row')
})
