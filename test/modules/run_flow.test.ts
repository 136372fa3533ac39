import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunEvent } from '../../src/core/events.js'
import type { RunSummary } from '../../src/run/run.js'
import { replayWhole } from '../run/checkpoint/journal/replay-whole.js'
import { JobPlace } from '../run/job/job-fixture.js'

let place: JobPlace
beforeEach(() => {
  place = new JobPlace()
})
afterEach(() => place.remove())

/** A job that does nothing but run another one, and log what came of it. */
function runner(job: string, message: string, configs = ''): string {
  return `
modules:
  - { id: sub, name: run_flow, configs: { job: ${job}${configs} } }
  - { id: said, name: log, configs: { message: "${message}" } }
connections: { data: [], control: ["sub (1|) said"] }
`
}

function said(summary: RunSummary): unknown {
  return place.log(summary).find(({ node, event, level }) => node === 'said' && event === 'log' && level === 'info')?.msg
}

function stateOf(folder: string) {
  return replayWhole(path.join(folder, 'journal.log'))
}

const CHILD = `
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }, { a: 2 }] } }
  - { id: out, name: csv_sink, configs: { output_path: "{{context.out}}" } }
  - { id: facts, name: set_global, configs: { values: { day: "{{run.date}}", n: "{{context.n}}" } } }
connections: { data: ["rows.data - out.input"], control: ["rows (1|) facts"] }
`

test('run_flow runs a job as a run of its own and gets its globals back', async () => {
  place.write('context/child_default.json', '{ "out": null, "n": 1 }')
  const child = await place.build(CHILD, 'child')
  const job = await place.build(
    runner(
      'jobs/child',
      '{{sub__out__row_count}} {{sub__FACTS__n}} {{sub__facts__day}} {{sub__status}} {{sub__run_id}}',
      ', set: { out: "{{run.id}}.csv", n: 7 }',
    ),
    'parent',
  )
  const summary = await place.run(job, { date: '2026-01-31' })
  expect(summary.errors).toEqual([])
  const run = `${summary.run}.sub.1`
  expect(said(summary)).toBe(`2 7 2026-01-31 completed ${run}`)
  expect(place.read(`${summary.run}.csv`)).toBe('a\n1\n2\n')
  const state = stateOf(path.join(child, 'runs', run))
  expect(state.run).toMatchObject({ run, parent: summary.run, date: '2026-01-31 00:00:00', set: { n: 7 } })
  expect(state.end?.status).toBe('completed')
  expect(stateOf(summary.folder).childRuns).toEqual(new Map([['sub', { job: child, run }]]))
  expect(place.log(summary)).toContainEqual(expect.objectContaining({ node: 'sub', child_run: run, msg: expect.stringContaining(run) }))
})

test('globals keep their SQL types and their exact texts through two levels', async () => {
  place.write('in.csv', 'a\n1\n')
  await place.build(
    `
modules:
  - { id: rows, name: csv_source, configs: { file_path: in.csv } }
  - { id: out, name: log_sink }
  - { id: facts, name: set_global, configs: { values: { size: "{{rows__file_size}}", list: [1, 2], none: null } } }
connections: { data: ["rows.data - out.input"], control: ["rows (1|) facts"] }
`,
    'inner',
  )
  await place.build(runner('jobs/inner', 'inner'), 'middle')
  const job = await place.build(
    `
modules:
  - { id: sub, name: run_flow, configs: { job: jobs/middle } }
  - { id: yes, name: log, configs: { message: "yes" } }
connections:
  data: []
  control: ["sub (1|typeof({{sub__sub__rows__file_size}}) = 'HUGEINT' AND {{sub__sub__facts__none}} IS NULL) yes"]
`,
    'outer',
  )
  const summary = await place.run(job)
  expect(summary).toMatchObject({ errors: [], sub_flows: { completed: 2 } })
  expect(stateOf(summary.folder).completed.get('sub')?.globals).toMatchObject({
    sub__sub__rows__file_size: { type: 'HUGEINT', text: '4' },
    sub__sub__facts__list: { type: 'JSON', text: '[1,2]' },
    sub__sub__run_id: { type: 'VARCHAR', text: `${summary.run}.sub.1.sub.1` },
  })
})

test('a child that fails fails the node with its first error, its run and its log, after each attempt has gone on with that run', async () => {
  const child = await place.build(
    `modules:
  - { id: first, name: shell, configs: { command: "echo first >> acts.txt" } }
  - { id: stop, name: shell, configs: { command: "echo stop >> acts.txt; echo broken >&2; exit 9" } }
connections: { data: [], control: ["first (1|) stop"] }
`,
    'child',
  )
  const job = await place.build(`settings: { retries: 1, retry_delay: 0 }\n${runner('jobs/child', 'x')}`, 'parent')
  const summary = await place.run(job)
  expect(summary).toMatchObject({
    status: 'failed',
    errors: [{ code: 'CHILD_FAILED', node: 'sub', at: { file: expect.stringContaining('parent.yaml') } }],
  })
  const run = `${summary.run}.sub.1`
  const [error] = summary.errors
  expect(error?.message).toContain(`failed in its run ${run}: COMMAND_FAILED The command ended with exit code 9: broken`)
  expect(error?.message).toContain('child.yaml:')
  expect(error?.hint).toContain(path.join(child, 'runs', run))
  expect(place.read('acts.txt')).toBe('first\nstop\nstop\n')
  expect(stateOf(path.join(child, 'runs', run)).resumes).toHaveLength(1)
})

test('a resume goes on with the child, and takes one that has completed as it is', async () => {
  const child = await place.build(
    `modules:
  - { id: first, name: shell, configs: { command: "echo first >> acts.txt" } }
  - { id: check, name: shell, configs: { command: "test -f ready" } }
  - { id: facts, name: set_global, configs: { values: { n: 7 } } }
connections: { data: [], control: ["first (1|) check", "check (1|) facts"] }
`,
    'child',
  )
  const job = await place.build(
    `modules:
  - { id: sub, name: run_flow, configs: { job: "jobs/child" } }
  - { id: also, name: shell, configs: { command: "echo {{sub__facts__n}} >> acts.txt; test -f also" } }
connections: { data: [], control: ["sub (1|) also"] }
`,
    'parent',
  )
  const failed = await place.run(job)
  place.write('ready', '')
  expect((await place.run(job, { resume: {} })).status).toBe('failed')
  expect(place.read('acts.txt')).toBe('first\n7\n')
  expect(readdirSync(path.join(child, 'runs')).filter((name) => !name.startsWith('.'))).toEqual([`${failed.run}.sub.1`])
  // The parent is killed before it has noted that the child completed.
  const journal = path.join(failed.folder, 'journal.log')
  const lines = readFileSync(journal, 'utf8').split('\n')
  writeFileSync(
    journal,
    `${lines
      .slice(
        0,
        lines.findIndex((line) => / completed \{"sub_flow":"sub"/.test(line)),
      )
      .join('\n')}\n`,
  )
  place.write('also', '')
  expect(await place.run(job, { resume: {} })).toMatchObject({ status: 'completed', run: failed.run })
  expect(place.read('acts.txt')).toBe('first\n7\n7\n')
})

test.each([
  ['is not there', 'jobs/gone', 'FILE_NOT_FOUND'],
  ['lacks a value of its context', 'jobs/child', 'CONTEXT_MISSING'],
])('a child that %s fails the node', async (_, folder, code) => {
  await place.build(
    'modules: [{ id: a, name: log, configs: { message: "{{context.x}}" } }]\nconnections: { data: [], control: [] }\n',
    'child',
  )
  const summary = await place.run(await place.build(runner(folder, 'x'), 'parent'))
  expect(summary.errors).toMatchObject([{ code: 'CHILD_FAILED', message: expect.stringContaining(code), hint: expect.any(String) }])
})

test('a job that runs itself through others says the circle', async () => {
  await place.build(runner('jobs/second', 'x'), 'first')
  await place.build(runner('jobs/third', 'x'), 'second')
  const third = await place.build(runner('jobs/first', 'x'), 'third')
  const summary = await place.run(third)
  expect(summary.errors).toMatchObject([
    { code: 'CHILD_FAILED', message: expect.stringContaining('third runs itself: third > first > second > third') },
  ])
  const own = await place.build(runner('jobs/own', 'x'), 'own')
  expect((await place.run(own)).errors).toMatchObject([{ code: 'JOB_CIRCLE', message: 'The job own runs itself: own > own.' }])
})

test('a global that the child did not publish is an error of the node that uses it', async () => {
  await place.build('modules: [{ id: a, name: log, configs: { message: a } }]\nconnections: { data: [], control: [] }\n', 'child')
  const summary = await place.run(await place.build(runner('jobs/child', '{{sub__a__count}}'), 'parent'))
  expect(summary.errors).toMatchObject([
    { code: 'TEMPLATE_VALUE', node: 'said', message: expect.stringContaining('published no global "a__count"') },
  ])
})

test('a cancel reaches the child, and both end as cancelled', async () => {
  const child = await place.build(
    `modules: [{ id: long, name: shell, configs: { command: "echo begun; sleep 60" } }]\nconnections: { data: [], control: [] }\n`,
    'child',
  )
  await place.build(runner('jobs/child', 'x'), 'middle')
  const job = await place.build(runner('jobs/middle', 'x'), 'parent')
  const controller = new AbortController()
  let lines = ''
  const summary = await place.run(job, {
    signal: controller.signal,
    log: { level: 'info', destinations: ['file', 'stderr'] },
    stderr: (text) => {
      lines += text
      if (/"msg":"begun"/.test(lines)) controller.abort()
    },
  })
  expect(summary.status).toBe('cancelled')
  const folder = path.join(child, 'runs', `${summary.run}.sub.1.sub.1`)
  expect(stateOf(folder).end?.status).toBe('cancelled')
  expect(JSON.parse(readFileSync(path.join(folder, 'summary.json'), 'utf8'))).toMatchObject({ status: 'cancelled' })
})

test.each([
  ['fail', { status: 'failed', errors: [{ code: 'CHILD_FAILED', message: expect.stringContaining('RUN_BUSY') }] }, undefined],
  ['skip', { status: 'completed', errors: [] }, 'skipped'],
])('a child that is running already follows its own on_overlap: %s', async (rule, ends, message) => {
  const waits = 'until [ -e go ]; do sleep 0.05; done'
  const child = await place.build(
    `settings: { on_overlap: ${rule} }\nmodules: [{ id: a, name: shell, configs: { command: "${waits}" } }]\nconnections: { data: [], control: [] }\n`,
    'child',
  )
  const job = await place.build(runner('jobs/child', '{{sub__status}}'), 'parent')
  let inside: Promise<RunSummary> | undefined
  await place.run(child, {
    listeners: [
      {
        name: 'test',
        hear: (event: RunEvent) => {
          if (event.type === 'subflow.started') inside = place.run(job).finally(() => place.write('go', ''))
        },
      },
    ],
  })
  const summary = await inside
  expect(summary).toMatchObject(ends)
  if (summary !== undefined) expect(said(summary)).toBe(message)
})

test('in a loop each pass has a run of its own, with the values of its item', async () => {
  place.write('context/child_default.json', '{ "out": null, "n": 1 }')
  await place.build(`settings: { on_overlap: allow }\n${CHILD}`, 'child')
  const job = await place.build(
    `
modules:
  - { id: list, name: inline_source, configs: { rows: [{ name: x, n: 5 }, { name: y, n: 6 }] } }
  - { id: listed, name: log_sink }
  - { id: sub, name: run_flow, configs: { job: jobs/child, set: { out: "{{iter.item.name}}.csv", n: "{{iter.item.n}}" } } }
  - { id: said, name: log, configs: { message: "{{sub__facts__n}} {{sub__run_id}}" } }
connections:
  data: ["list.data - listed.input"]
  control:
    - { from: list, to: sub, order: 1, type: iterate, concurrency: 2 }
    - "sub (1|) said"
`,
    'parent',
  )
  const summary = await place.run(job)
  expect(summary.errors).toEqual([])
  const messages = place.log(summary).flatMap(({ node, event, msg }) => (node === 'said' && event === 'log' ? [String(msg)] : []))
  expect(messages.sort()).toEqual([`5 ${summary.run}.sub.0.1`, `6 ${summary.run}.sub.1.1`])
  expect([place.read('x.csv'), place.read('y.csv')]).toEqual(['a\n1\n2\n', 'a\n1\n2\n'])
})

test('with --runs each child has a folder of its job there', async () => {
  await place.build('modules: [{ id: a, name: log, configs: { message: a } }]\nconnections: { data: [], control: [] }\n', 'inner')
  await place.build(runner('jobs/inner', 'x'), 'middle')
  const summary = await place.run(await place.build(runner('jobs/middle', 'x'), 'outer'), { runs: 'all' })
  expect(summary.status).toBe('completed')
  expect(realpathSync(summary.folder)).toBe(realpathSync(path.join(place.root, 'all', summary.run)))
  expect(existsSync(path.join(place.root, 'all/middle', `${summary.run}.sub.1`, 'summary.json'))).toBe(true)
  expect(existsSync(path.join(place.root, 'all/inner', `${summary.run}.sub.1.sub.1`, 'summary.json'))).toBe(true)
  expect(existsSync(path.join(place.root, 'jobs/inner/runs'))).toBe(false)
})
