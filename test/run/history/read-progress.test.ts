import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { RunProgress } from '../../../src/core/run-progress.js'
import { readProgress } from '../../../src/run/history/read-progress.js'
import { loadJob } from '../../../src/run/job/load-job.js'
import { createProject, type PypeProject } from '../../cli/pype-project.js'
import { RunPlace } from '../overlap/run-processes.js'

async function createJob(flow: string, settings = '{}'): Promise<PypeProject> {
  const project = createProject()
  await buildAgain(project, flow, settings)
  return project
}

async function buildAgain(project: PypeProject, flow: string, settings = '{}'): Promise<void> {
  project.write('daily.yaml', `flow: { name: daily, version: 1.0.0, authors: [me], created: "2026-01-01" }\nsettings: ${settings}\n${flow}`)
  expect(await project.pype(['build', 'daily.yaml'])).toMatchObject({ code: 0, stderr: '' })
}

async function readLast(job: string): Promise<RunProgress> {
  const { dag, metadata } = loadJob(job)
  const runs = path.join(job, 'runs')
  const [run = ''] = readdirSync(runs)
    .filter((name) => /^\d/.test(name))
    .sort()
    .reverse()
  return readProgress(runs, run, dag, metadata)
}

function statusesOf({ subFlows }: RunProgress): { readonly [name: string]: string } {
  return Object.fromEntries([...subFlows].map(([name, { status }]) => [name, status]))
}

const BRANCHES = `modules:
  - { id: begin, name: inline_source, configs: { rows: [{ a: 1 }, { a: 2 }] } }
  - { id: kept, name: csv_sink, configs: { output_path: kept.csv } }
  - { id: breaks, name: inline_source, configs: { rows: [{ a: x }] } }
  - { id: typed, name: select_mod, configs: { columns: [a], types: { a: INTEGER } } }
  - { id: numbers, name: csv_sink, configs: { output_path: numbers.csv } }
  - { id: handled, name: log, configs: { message: handled } }
  - { id: never, name: log, configs: { message: never } }
  - { id: after, name: log, configs: { message: after } }
  - { id: other, name: log, configs: { message: other } }
connections:
  data: [begin.data - kept.input, breaks.data - typed.input, typed.output - numbers.input]
  control:
    - "kept (1|{{kept__row_count}} > 10) never"
    - "kept (2|) breaks"
    - "numbers (1|error) handled"
    - "numbers (2|) after"
    - "kept (3|) other"
`

it.each(['halt', 'continue'])(
  '%s: what completed, failed, was skipped, blocked or started by a failure is told apart, with its rows',
  async (strategy) => {
    const project = await createJob(BRANCHES, `{ fail_strategy: ${strategy} }`)
    expect(await project.pype(['run', 'daily'])).toMatchObject({ code: 1 })
    const progress = await readLast(path.join(project.folder, 'jobs/daily'))
    expect(progress.status).toBe('failed')
    expect(statusesOf(progress)).toEqual({
      begin: 'completed',
      never: 'skipped',
      breaks: 'failed',
      handled: 'completed',
      after: 'blocked',
      other: strategy === 'halt' ? 'blocked' : 'completed',
    })
    expect(progress.nodes.get('kept')).toMatchObject({ status: 'completed', rows: 2, runs: 1, seconds: expect.any(Number) })
    const failed = [...progress.nodes].filter(([, { status }]) => status === 'failed')
    expect(failed).toEqual([[expect.any(String), expect.objectContaining({ error: expect.objectContaining({ code: 'BAD_ROW' }) })]])
    expect(progress.connections.get('kept>never')).toBe('not taken')
    expect(progress.connections.get('numbers>after')).toBe('blocking')
  },
)

it('a resumed run counts as it ended last', async () => {
  const project = await createJob(BRANCHES)
  await project.pype(['run', 'daily'])
  await buildAgain(project, BRANCHES.replace('{ a: x }', '{ a: "7" }'))
  expect(await project.pype(['run', 'daily', '--resume'])).toMatchObject({ code: 0 })
  const progress = await readLast(path.join(project.folder, 'jobs/daily'))
  expect(progress.status).toBe('completed')
  expect(statusesOf(progress)).toEqual({
    begin: 'completed',
    never: 'skipped',
    breaks: 'completed',
    handled: 'skipped',
    after: 'completed',
    other: 'completed',
  })
  expect(progress.nodes.get('kept')).toMatchObject({ rows: 2, runs: 1 })
})

const LOOP = `modules:
  - { id: list, name: inline_source, configs: { rows: [{ n: 1 }, { n: 2 }, { n: 3 }] } }
  - { id: each, name: inline_source, configs: { rows: [{ a: "{{iter.item.n}}" }] } }
  - { id: part, name: csv_sink, configs: { output_path: "part_{{iter.item.n}}.csv" } }
  - { id: odd, name: log, configs: { message: odd } }
  - { id: check, name: shell, configs: { command: "test {{iter.item.n}} -ne 2" } }
connections:
  data: [each.data - part.input]
  control:
    - "list (1|iterate) each"
    - "part (1|{{iter.item.n}} % 2 = 1) odd"
    - "part (2|) check"
`

it('passes of a loop are counted by how they ended, and rows are summed up', async () => {
  const project = await createJob(LOOP, '{ fail_strategy: continue }')
  await project.pype(['run', 'daily'])
  const progress = await readLast(path.join(project.folder, 'jobs/daily'))
  expect(progress.items.get('list>each')).toBe(3)
  expect(progress.subFlows.get('each')).toEqual({ status: 'completed', passes: { completed: 3 }, items: 3 })
  expect(progress.subFlows.get('odd')).toEqual({ status: 'completed', passes: { completed: 2, skipped: 1 }, items: 3 })
  expect(progress.subFlows.get('check')).toEqual({ status: 'failed', passes: { completed: 2, failed: 1 }, items: 3 })
  expect(progress.nodes.get('part')).toMatchObject({ status: 'completed', runs: 3, rows: 3 })
  expect(progress.nodes.get('check')).toMatchObject({ status: 'failed', error: { code: 'COMMAND_FAILED' } })
})

it('a run that goes on shows what runs, and one that was killed what ran then', async () => {
  const place = new RunPlace()
  await place.build(`modules:
  - { id: first, name: log, configs: { message: first } }
  - { id: waits, name: shell, configs: { command: "until test -e go; do sleep 0.1; done" } }
  - { id: last, name: log, configs: { message: last } }
  - { id: root, name: log, configs: { message: root } }
  - { id: tail, name: log, configs: { message: tail } }
connections: { data: [], control: ["first (1|) waits", "waits (1|) last", "root (1|) tail"] }`)
  const job = path.join(place.root, 'jobs/sample')
  const first = place.start(['--log-level', 'debug'])
  await first.says(/"event":"node.started","node":"waits"/)
  const expected = { first: 'completed', last: 'not begun', root: 'not begun', tail: 'not begun' }
  expect(statusesOf(await readLast(job))).toEqual({ ...expected, waits: 'running' })
  first.child.kill('SIGKILL')
  await first.ended
  const killed = await readLast(job)
  expect(killed.status).toBe('killed')
  expect(statusesOf(killed)).toEqual({ ...expected, waits: 'killed' })
  // The command of the killed run ends too.
  writeFileSync(path.join(place.root, 'go'), '')
})
