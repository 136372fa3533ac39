import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/core/events.js'
import { nodeDisk } from '../../../src/run/checkpoint/files/disk.js'
import { Journal } from '../../../src/run/checkpoint/journal/journal.js'
import { BEGIN } from '../checkpoint/commit-fixture.js'
import { replayWhole } from '../checkpoint/journal/replay-whole.js'
import { editDag } from './edit-dag.js'
import { JobPlace, THREE_SUB_FLOWS } from './job-fixture.js'

let place: JobPlace
beforeEach(() => {
  place = new JobPlace()
})
afterEach(() => place.remove())

describe('a run', () => {
  it('moves the rows of three sub flows and leaves its summary, log and journal, and nothing temporary', async () => {
    place.write('input.csv', 'name,age\nann,30\nbob,10\ncid,19\n')
    const job = await place.build(THREE_SUB_FLOWS)
    const summary = await place.run(job)
    expect(summary).toMatchObject({ status: 'completed', errors: [], sub_flows: { completed: 3, failed: 0 } })
    expect(place.read('output.csv')).toBe('name,age\nann,30\ncid,19\n')
    expect(summary.nodes.find(({ node }) => node === 'output_parquet')).toMatchObject({ rows: 2 })
    expect(readdirSync(summary.folder).sort()).toEqual(['journal.log', 'log.jsonl', 'summary.json'])
    expect(JSON.parse(readFileSync(path.join(summary.folder, 'summary.json'), 'utf8'))).toEqual(summary)
    const state = replayWhole(path.join(summary.folder, 'journal.log'))
    expect(state.end?.status).toBe('completed')
    expect([...state.completed.keys()]).toEqual(['source_csv', 'transform_data', 'output_parquet'])
    expect(place.list().filter((name) => path.basename(name).startsWith('.pype'))).toEqual([])
  })

  it('tags every line of its log with the run, and those of a node with it', async () => {
    place.write('input.csv', 'name,age\nann,30\n')
    const summary = await place.run(await place.build(THREE_SUB_FLOWS), { log: { level: 'debug', destinations: ['file'] } })
    const lines = place.log(summary)
    expect(lines.every((line) => line.run === summary.run && typeof line.level === 'string')).toBe(true)
    expect(lines.filter((line) => line.event === 'node.completed').map((line) => line.node)).toEqual([
      'source_csv',
      'transform_data',
      'output_parquet',
    ])
    expect(lines.at(-1)).toMatchObject({ event: 'run.completed', status: 'completed' })
  })

  it('decides by SQL over globals, context, and the logical date, as bound values', async () => {
    const job = await place.build(`
modules:
  - { id: facts, name: set_global, configs: { values: { count: 3, name: "o'hara" } } }
  - { id: many, name: log, configs: { message: "{{facts__count}} of {{context.limit}} on {{run.date}}" } }
  - { id: few, name: log, configs: { message: few } }
  - { id: after, name: log, configs: { message: after } }
connections:
  data: []
  control:
    - "facts (1|{{facts__count}} >= {{context.limit}} AND {{facts__name}} = 'o''hara') many"
    - "facts (2|{{run.date}} > DATE '2026-06-01') few"
    - "many (Last|) after"
    - "few (1|) after"
`)
    const events: RunEvent[] = []
    const summary = await place.run(job, {
      set: ['limit=2'],
      date: '2026-01-31',
      listeners: [{ name: 'test', hear: (event) => events.push(event) }],
    })
    expect(summary).toMatchObject({ status: 'completed', date: '2026-01-31 00:00:00', sub_flows: { completed: 3, skipped: 1 } })
    expect(events.flatMap((event) => (event.type === 'log' && event.node === 'many' ? [event.message] : []))).toContain(
      '3 of 2 on 2026-01-31',
    )
    expect(events.flatMap((event) => (event.type === 'subflow.skipped' ? [event.subFlow] : []))).toEqual(['few'])
  })

  it('whose condition is wrong fails with its place, and what it leaves stays completed', async () => {
    const job = await place.build(`
modules:
  - { id: a, name: set_global, configs: { values: { count: 3 } } }
  - { id: b, name: log, configs: { message: never } }
connections: { data: [], control: ["a (1|{{a__count}} + 1) b"] }
`)
    const summary = await place.run(job)
    expect(summary).toMatchObject({ status: 'failed', sub_flows: { completed: 1, blocked: 1 } })
    expect(summary.errors[0]).toMatchObject({ node: 'a', at: { file: expect.stringContaining('sample.yaml') } })
  })

  it('whose input is gone fails, and an older target stays whole', async () => {
    place.write('output.csv', 'old')
    const job = await place.build(`settings: { retries: 2, retry_delay: 0 }\n${THREE_SUB_FLOWS.replace(/settings:.*\n/, '')}`)
    const events: RunEvent[] = []
    const summary = await place.run(job, { listeners: [{ name: 'test', hear: (event) => events.push(event) }] })
    expect(summary).toMatchObject({ status: 'failed', sub_flows: { failed: 1, blocked: 2, completed: 0 } })
    expect(summary.errors[0]).toMatchObject({ code: 'FILE_NOT_FOUND', node: 'source_csv' })
    expect(events.filter((event) => event.type === 'subflow.started')).toHaveLength(3)
    expect(place.read('output.csv')).toBe('old')
    expect(replayWhole(path.join(summary.folder, 'journal.log')).end?.status).toBe('failed')
  })

  it('that is cancelled before it starts anything ends as cancelled', async () => {
    place.write('input.csv', 'name,age\nann,30\n')
    const summary = await place.run(await place.build(THREE_SUB_FLOWS), { signal: AbortSignal.abort() })
    expect(summary).toMatchObject({ status: 'cancelled', sub_flows: { completed: 0 } })
    expect(existsSync(path.join(place.root, 'output.csv'))).toBe(false)
  })

  it('that is cancelled in the middle of a query ends at once and leaves no partial file', async () => {
    const job = await place.build(`
modules:
  - { id: big, name: sql_mod, configs: { sql: "SELECT count(*) AS n FROM range(100000) a, range(100000) b, range(1000) c WHERE a.range + b.range + c.range = -1" } }
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: ["rows.data - big.input", "big.output - out.input"], control: [] }
`)
    const controller = new AbortController()
    const begun = performance.now()
    const summary = await place.run(job, {
      signal: controller.signal,
      listeners: [{ name: 'test', hear: (event) => void (event.type === 'subflow.started' && setTimeout(() => controller.abort(), 300)) }],
    })
    expect(summary).toMatchObject({ status: 'cancelled', sub_flows: { cancelled: 1 } })
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(place.list().filter((name) => !name.startsWith('jobs') && name !== 'sample.yaml' && !name.startsWith('context'))).toEqual([])
  })

  it('that takes longer than its timeout fails, and says what was running', async () => {
    const job = await place.build(`
settings: { timeout: 2 }
modules:
  - { id: big, name: sql_mod, configs: { sql: "SELECT count(*) AS n FROM range(100000) a, range(100000) b, range(1000) c WHERE a.range + b.range + c.range = -1" } }
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: out, name: log_sink }
connections: { data: ["rows.data - big.input", "big.output - out.input"], control: [] }
`)
    const summary = await place.run(job)
    expect(summary.status).toBe('failed')
    expect(summary.errors.at(-1)).toMatchObject({
      code: 'TIMEOUT',
      message: 'The run took longer than its timeout of 2 s; out was running.',
    })
  })
})

describe('a job that cannot be run', () => {
  it.each([
    ['is no folder of a job', 'JOB_INVALID', (dag: string) => dag.replace('sample_dag', 'x')],
    ['was cut', 'JOB_INVALID', (dag: string) => dag.slice(0, 200)],
    ['has another shape', 'JOB_INVALID', (dag: string) => dag.replace('"nodes"', '"knots"')],
    ['names a node that it lacks', 'JOB_INVALID', (dag: string) => dag.replace('"to": "transform_data"', '"to": "nobody"')],
    ['is of a newer format', 'JOB_VERSION', (dag: string) => dag.replace('"schema_version": 1', '"schema_version": 99')],
    ['is for another engine', 'JOB_VERSION', (dag: string) => dag.replace('"major": 1', '"major": 7')],
    ['names a module that is gone', 'MODULE_GONE', (dag: string) => dag.replaceAll('pype:mods/filter_mod', 'pype:mods/gone_mod')],
    [
      'needs a package that is not installed',
      'PACKAGE_MISSING',
      (dag: string) => dag.replace('"packages": []', '"packages": ["surely-not-installed"]'),
    ],
  ])('because it %s says so and starts nothing', async (title, code, edit) => {
    const job = await place.build(THREE_SUB_FLOWS)
    const file = path.join(job, 'sample_dag.json')
    if (title === 'is no folder of a job') nodeDisk.remove(file)
    else {
      const before = readFileSync(file, 'utf8')
      editDag(job, edit)
      expect(readFileSync(file, 'utf8')).not.toBe(before)
    }
    await expect(place.run(job)).rejects.toMatchObject({ code, hint: expect.any(String) })
    expect(existsSync(path.join(job, 'runs'))).toBe(false)
  })

  it('because its dag is of another build than its metadata', async () => {
    const job = await place.build(THREE_SUB_FLOWS)
    const older = readFileSync(path.join(job, 'sample_dag.json'), 'utf8')
    await place.build(THREE_SUB_FLOWS.replace('age > 18', 'age > 21'))
    writeFileSync(path.join(job, 'sample_dag.json'), older)
    await expect(place.run(job)).rejects.toMatchObject({
      code: 'JOB_INVALID',
      message: expect.stringContaining('sample_dag.json and sample_execution_metadata.json are not of one build'),
      hint: expect.stringContaining('build the flow again'),
    })
    expect(existsSync(path.join(job, 'runs'))).toBe(false)
  })

  it('and one whose line ends Git has changed can', async () => {
    place.write('input.csv', 'name,age\nann,30\n')
    const job = await place.build(THREE_SUB_FLOWS)
    for (const name of ['sample.yaml', 'sample_dag.json', 'sample_execution_metadata.json']) {
      const file = path.join(job, name)
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r\n'))
    }
    expect(await place.run(job)).toMatchObject({ status: 'completed' })
  })

  it('because its context lacks values names them', async () => {
    const job = await place.build(`
modules: [{ id: a, name: log, configs: { message: "{{context.x}} {{context.y}}" } }]
connections: { data: [], control: [] }
`)
    await expect(place.run(job)).rejects.toMatchObject({ code: 'CONTEXT_MISSING', message: expect.stringMatching(/x, y/) })
    expect(await place.run(job, { set: ['x=1', 'y=2'] })).toMatchObject({ status: 'completed' })
  })
})

describe('one run at a time', () => {
  it('a second start while a run goes on is refused', async () => {
    const job = await place.build(`
modules: [{ id: a, name: log, configs: { message: hello } }]
connections: { data: [], control: [] }
`)
    let second: Promise<unknown> | undefined
    const first = await place.run(job, {
      listeners: [
        {
          name: 'test',
          hear: (event) => {
            if (event.type === 'run.started') second = expect(place.run(job)).rejects.toMatchObject({ code: 'RUN_BUSY' })
          },
        },
      ],
    })
    await second
    expect(first.status).toBe('completed')
    expect(await place.run(job)).toMatchObject({ status: 'completed' })
  })

  it('a start settles what a killed run has left', async () => {
    place.write('input.csv', 'name,age\nann,30\n')
    const job = await place.build(THREE_SUB_FLOWS)
    const killed = path.join(job, 'runs', '20260101T000000000-abcdef')
    nodeDisk.makeFolder(killed)
    place.write('.pype-1-0-left.csv', 'staged and never committed')
    const journal = Journal.open(nodeDisk, killed)
    journal.append({ ...BEGIN, run: path.basename(killed) })
    journal.append({
      kind: 'started',
      sub_flow: 'x',
      frame: [],
      attempt: 1,
      node: 'x',
      staged: path.join(place.root, '.pype-1-0-left.csv'),
      target: path.join(place.root, 'left.csv'),
    })
    journal.close()
    const events: RunEvent[] = []
    await place.run(job, { listeners: [{ name: 'test', hear: (event) => events.push(event) }] })
    expect(existsSync(path.join(place.root, '.pype-1-0-left.csv'))).toBe(false)
    expect(events).toContainEqual({ type: 'leftover.settled', run: path.basename(killed), finished: 0, removed: 1 })
    expect(replayWhole(path.join(killed, 'journal.log')).end?.status).toBe('superseded')
  })
})
