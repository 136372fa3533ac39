import { rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runJob } from '../../src/index.js'
import { ModuleProject } from './module-flow.js'

test('wait_for_file ends when a file is there, or has gone, and fails when that takes too long', async () => {
  const project = new ModuleProject({ 'in ü/b 1.done': '', 'in ü/a 2.done': '' })
  const { summary, log } = await project.run({
    modules: {
      there: ['wait_for_file', { path: 'in ü/b 1.done' }],
      glob: ['wait_for_file', { path: 'in ü/*.done', timeout: 0 }],
      folder: ['wait_for_file', { path: 'in ü' }],
      gone: ['wait_for_file', { path: 'in ü/*.csv', gone: true }],
      said: ['log', { message: '{{there__path}} {{glob__path}} {{gone__path}} {{there__waited}}' }],
      never: ['wait_for_file', { path: 'in ü/*.csv', timeout: 0.05, interval: 0.01 }],
      stays: ['wait_for_file', { path: 'in ü', gone: true, timeout: 0.05, interval: 0.01 }],
    },
    control: ['there (1|) glob', 'glob (1|) folder', 'folder (1|) gone', 'gone (1|) said', 'said (1|) never', 'said (2|) stays'],
    settings: { fail_strategy: 'continue' },
  })
  expect(log.find(({ node, msg }) => node === 'said' && msg.startsWith('in'))?.msg).toMatch(
    /^in ü\/b 1\.done in ü\/a 2\.done in ü\/\*\.csv [\d.e-]+$/,
  )
  expect(summary.errors).toMatchObject([
    { code: 'WAIT_TIMEOUT', node: 'never', message: expect.stringContaining('has not come after 0.05 s.') },
    { code: 'WAIT_TIMEOUT', node: 'stays', message: expect.stringContaining('is still there') },
  ])
})

test('wait_for_file sees a file come and go', async () => {
  const project = new ModuleProject({ 'busy.lock': '' })
  const job = await project.build({
    modules: {
      free: ['wait_for_file', { path: 'busy.lock', gone: true, interval: 0.01 }],
      come: ['wait_for_file', { path: 'late *.csv', interval: 0.01 }],
    },
    control: ['free (1|) come'],
  })
  const summary = await runJob(job, {
    cwd: project.folder,
    env: {},
    listeners: [
      {
        name: 'test',
        hear: (event) => {
          if (event.type === 'node.started' && event.node === 'free') rmSync(project.path('busy.lock'))
          if (event.type === 'node.started' && event.node === 'come') writeFileSync(project.path('late 1.csv'), '')
        },
      },
    ],
  })
  expect(summary.errors).toEqual([])
})

test.each([
  ['wait_for_file', { path: 'never', interval: 10_000 }],
  ['sleep', { seconds: 10_000_000 }],
])('%s ends at once when the run is cancelled', async (module, configs) => {
  const project = new ModuleProject()
  const job = await project.build({ modules: { node: [module, configs] } })
  const stop = new AbortController()
  const summary = await runJob(job, {
    cwd: project.folder,
    env: {},
    signal: stop.signal,
    listeners: [
      {
        name: 'test',
        hear: (event) => {
          if (event.type === 'node.started') setImmediate(() => stop.abort())
        },
      },
    ],
  })
  expect(summary.status).toBe('cancelled')
})

test('sleep waits, and fail fails with its message', async () => {
  const project = new ModuleProject()
  const started = performance.now()
  const { summary, log } = await project.run({
    modules: {
      pause: ['sleep', { seconds: 0.05 }],
      end: ['fail', { message: 'no rows: {{run.date}}' }],
      said: ['log', { message: 'code {{end__error_code}}' }],
    },
    control: ['pause (1|) end', 'end (1|error) said'],
  })
  expect(performance.now() - started).toBeGreaterThanOrEqual(50)
  expect(summary.status).toBe('failed')
  expect(summary.errors).toMatchObject([{ code: 'FAILED_BY_FLOW', node: 'end', message: expect.stringMatching(/^no rows: \d{4}-/) }])
  expect(log.some(({ msg }) => msg === 'code FAILED_BY_FLOW')).toBe(true)
})

test('a time that makes no sense is an error of the build', async () => {
  const project = new ModuleProject()
  await expect(project.run({ modules: { pause: ['sleep', { seconds: -1 }] } })).rejects.toThrow(/CONFIG_TYPE/)
  await expect(project.run({ modules: { wait: ['wait_for_file', { path: 'x', interval: 0 }] } })).rejects.toThrow(/CONFIG_TYPE/)
})
