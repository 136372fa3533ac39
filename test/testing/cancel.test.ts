import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createProject, PYPE } from '../cli/pype-project.js'

/** Its command says which process it is, and which has started it, and ends only when it is told to. */
const ENDLESS = `flow: { name: endless, version: 1.0.0, authors: ["me"], created: "2025-01-15" }
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ id: 1 }] } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
  - { id: wait, name: shell, configs: { command: "echo $$ $PPID > new.txt; mv new.txt pid.txt; exec tail -f /dev/null" } }
connections: { data: [rows.data - out.input], control: [out (1|) wait] }
`

const TESTS = `allow: [wait]
cases:
  - name: one
  - { name: killed, kill: { after: wait } }
  - name: in its turn
`

/** Starts the tests in a process group of their own, and waits until the commands of two cases are at work. */
async function startTests() {
  const project = createProject({ 'endless.yaml': ENDLESS, 'endless.test.yaml': TESTS, 'out/tests.xml': 'of an earlier call' })
  const temporary = path.join(project.folder, 'tmp')
  mkdirSync(temporary)
  const child = spawn(process.execPath, [PYPE, 'test', '--junit', 'out/tests.xml', '--parallel', '2'], {
    cwd: project.folder,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const closed = once(child, 'close')
  const files = () => readPids(temporary)
  await vi.waitFor(() => expect(files()).toHaveLength(4), 30_000)
  const pids = files()
  return { project, temporary, child, closed, pids, said: () => stderr }
}

/** Of the commands of a case, or of all cases, and of the processes that have started them. */
function readPids(temporary: string, inCase = 'case-'): readonly number[] {
  const files = readdirSync(temporary, { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.includes(`/${inCase}`) && path.basename(file) === 'pid.txt')
    .flatMap((file) => readFileSync(path.join(temporary, file), 'utf8').split(' ').map(Number))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s cancels all cases, those that are to be killed too, and leaves nothing behind',
  async (signal) => {
    const { project, temporary, child, closed, pids, said } = await startTests()
    // A terminal sends it to the whole group, a scheduler to the process.
    process.kill(signal === 'SIGINT' ? -(child.pid ?? 0) : (child.pid ?? 0), signal)
    expect(await closed).toEqual([130, null])
    expect(said()).toBe('cancelling; once more to stop at once\nerror CANCELLED  The tests were cancelled.\n')
    expect(pids.filter(isAlive)).toEqual([])
    expect(readdirSync(temporary)).toEqual([])
    expect(existsSync(path.join(project.folder, 'out/tests.xml'))).toBe(false)
  },
)

test('a case that is to be killed ends when the tests are gone', async () => {
  const { child, closed, temporary, pids } = await startTests()
  const apart = readPids(temporary, 'case-2/')
  expect(apart).toHaveLength(2)
  child.kill('SIGKILL')
  await closed
  await vi.waitFor(() => expect(apart.filter(isAlive)).toEqual([]), 30_000)
  for (const pid of pids.filter(isAlive)) process.kill(pid)
})
