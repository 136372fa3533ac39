import { expect, it } from 'vitest'
import { createProject, type PypeProject } from './pype-project.js'

const FLOW = `flow: { name: daily, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }, { a: 2 }] } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
  - { id: tell, name: log, configs: { message: done } }
connections: { data: [rows.data - out.input], control: ["out (1|) tell"] }
`

async function createJob(): Promise<PypeProject> {
  const project = createProject({ 'flows/daily.yaml': FLOW })
  expect(await project.pype(['build', 'flows/daily.yaml'])).toMatchObject({ code: 0 })
  return project
}

it('a flow file and the job that is built from it give the same drawing, and nothing is written', async () => {
  const project = await createJob()
  const flow = await project.pype(['graph', 'flows/daily.yaml'])
  expect(flow).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('┌ ▷ rows  inline_source\n└ ■ out   csv_sink\n    → tell  (1|)\n'),
  })
  expect(await project.pype(['graph', 'daily'])).toEqual(flow)
  expect(await project.pype(['graph', 'daily', '--run'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no run of daily'),
  })
})

it('--out writes a file in the format of its ending, and --run says what came of the last run or of the one that is named', async () => {
  const project = await createJob()
  const run = (await project.pype(['run', 'daily'])).stdout.split(' ')[0] ?? ''
  expect(await project.pype(['graph', 'flows/daily.yaml', '--run', '--out', 'pics/daily.svg'])).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(project.read('pics/daily.svg')).toMatch(/<g class="node sink completed" data-node="out"><title>out: csv_sink \(sink\)\n2 rows, /)
  const { stdout } = await project.pype(['graph', 'daily', '--run', run])
  expect(stdout).toContain(`run ${run}: completed\n`)
  expect(stdout).toMatch(/■ out {3}csv_sink {7}✓ completed, 2 rows, \d/)
  const wrong = await project.pype(['graph', 'daily', '--run', `${run.slice(0, -1)}x`])
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining(`did you mean "${run}"?`) })
})

it('a wrong format gets a suggestion, and a wrong flow all that is wrong with it', async () => {
  const project = createProject({ 'daily.yaml': FLOW.replace('csv_sink', 'csv_snk') })
  expect(await project.pype(['graph', 'daily.yaml', '--format', 'svgg'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "svg"?'),
  })
  expect(await project.pype(['graph', 'daily.yaml'])).toMatchObject({ code: 2, stderr: expect.stringContaining('error UNKNOWN_MODULE') })
})
