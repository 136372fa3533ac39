import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { createProject, PYPE, type PypeProject } from './pype-project.js'

const flow = (condition: string) => `flow: { name: small, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:
  - { id: numbers, name: inline_source, configs: { rows: [{ n: 1 }, { n: 2 }, { n: 3 }] } }
  - { id: kept, name: filter_mod, configs: { condition: "${condition}" } }
  - { id: own, name: add_mod }
  - { id: file, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: [numbers.data - kept.input, kept.output - own.input, own.output - file.input], control: [] }
`

const MODULE = (n: number) => `import { sql } from 'pypeline/sdk'
export default {
  name: 'add_mod', type: 'mod', version: '1.0.0', description: 'Adds.', category: 'Rows',
  inputPorts: ['input'], outputPorts: ['output'], globals: {}, packages: [], config: { required: {}, optional: {} },
  query: ({ inputs }) => ({ output: sql\`SELECT n + ${n} AS n FROM \${inputs.input}\` }),
}
`

const WAITING = `flow: { name: small, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules: [{ id: wait, name: sleep, configs: { seconds: 3600 } }]
connections: { data: [], control: [] }
`

/** A watch, and what it has written to stderr so far. */
interface Started {
  readonly child: ChildProcess
  /** Waits until stderr has a text behind what was waited for before; returns what came up to its end. */
  until(text: string | RegExp): Promise<string>
}

function startWatch({ folder }: PypeProject, ...more: string[]): Started {
  const child = spawn(process.execPath, [PYPE, 'run', 'flows/small.yaml', '--watch', ...more], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let unread = ''
  let wake = () => {}
  child.stdout?.resume()
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    unread += text
    wake()
  })
  child.on('close', () => wake())
  const until = async (text: string | RegExp): Promise<string> => {
    for (;;) {
      const found = typeof text === 'string' ? unread.indexOf(text) : unread.search(text)
      if (found >= 0) {
        const end = unread.indexOf('\n', found) + 1
        const read = unread.slice(0, end)
        unread = unread.slice(end)
        return read
      }
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${unread}`)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { child, until }
}

it('a flow is run again when it, its context or a module is saved; an error is shown, and it waits for the next save', async () => {
  const project = createProject({ 'flows/small.yaml': flow('n >= {{context.least}}'), 'modules/mods/add_mod.mjs': MODULE(10) })
  project.write('flows/context/small_default.json', '{ "least": 2 }')
  expect(await project.pype(['auto-register'])).toMatchObject({ code: 0 })
  const { child, until } = startWatch(project)
  // The flow, its context, the registry and the module.
  await until('watching 4 files of flows/small.yaml; Ctrl-C ends\n')
  expect(project.read('out.csv')).toBe('n\n12\n13\n')
  project.write('modules/mods/add_mod.mjs', MODULE(20))
  expect(await until('watching')).toContain('\nmodules/mods/add_mod.mjs changed\n')
  expect(project.read('out.csv')).toBe('n\n22\n23\n')
  project.write('flows/small.yaml', flow('m > 1'))
  expect(await until('watching')).toMatch(/error SQL_INVALID/)
  project.write('flows/small.yaml', flow('n >= {{context.least}}'))
  await until('watching')
  project.write('flows/context/small_default.json', '{ "least": 3 }')
  expect(await until('watching')).toContain('small_default.json changed\n')
  expect(project.read('out.csv')).toBe('n\n23\n')
  child.kill('SIGINT')
  expect(await once(child, 'close')).toEqual([0, null])
})

it('a run that is going on is cancelled by a save, and by the end of the watch', async () => {
  const project = createProject({ 'flows/small.yaml': WAITING })
  const { child, until } = startWatch(project, '--log', 'stderr', '--log-level', 'debug')
  await until('node.started')
  project.write('flows/small.yaml', WAITING.replace('3600', '3601'))
  expect(await until(/small\.yaml changed/)).toContain('small cancelled in ')
  await until('node.started')
  child.kill('SIGTERM')
  await until('small cancelled in ')
  expect(await once(child, 'close')).toEqual([130, null])
})

it('a job, and what a new run does not go with, are refused', async () => {
  const project = createProject({ 'flows/small.yaml': WAITING })
  expect(await project.pype(['run', 'small', '--watch'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--watch takes a flow file'),
  })
  expect(await project.pype(['run', 'flows/small.yaml', '--watch', '--resume'])).toMatchObject({ code: 2 })
})
