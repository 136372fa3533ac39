import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PYPE } from '../cli/pype-project.js'
import { JobPlace } from '../run/job/job-fixture.js'

let place: JobPlace
beforeEach(() => {
  place = new JobPlace()
})
afterEach(() => place.remove())

/** Whether a process lives that is no zombie. */
function lives(pid: string): boolean {
  const file = `/proc/${pid.trim()}/stat`
  return existsSync(file) && !/\) Z /.test(readFileSync(file, 'utf8'))
}

/** Starts a job in a process of its own, and waits until its command has said "begun". */
async function startRun(job: string) {
  const child = spawn(process.execPath, [PYPE, 'run', job, '--log', 'file,stderr'], {
    cwd: place.root,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(child, 'close')
  let heard = ''
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (text) => {
      heard += String(text)
      if (/"msg":"begun"/.test(heard)) resolve()
    })
    child.once('close', () => resolve())
  })
  return { child, closed }
}

const LONG = `modules: [{ id: long, name: shell, configs: { command: "sh -c 'trap \\"\\" TERM; echo $$ > stubborn; echo begun; while :; do sleep 1; done' & sleep 60" } }]\nconnections: { data: [], control: [] }\n`
const AROUND = 'modules: [{ id: sub, name: run_flow, configs: { job: jobs/long } }]\nconnections: { data: [], control: [] }\n'

test.each([
  ['a command', 'long'],
  ['the command of a job within a job', 'around'],
])('Ctrl-C ends %s with all that it started, and the run ends with 130', async (_, which) => {
  const jobs = { long: await place.build(LONG, 'long'), around: await place.build(AROUND, 'around') }
  const { child, closed } = await startRun(which === 'long' ? jobs.long : jobs.around)
  child.kill('SIGINT')
  expect((await closed)[0]).toBe(130)
  expect(lives(place.read('stubborn'))).toBe(false)
})

test('a second Ctrl-C ends the run at once, and its commands with it', async () => {
  const { child, closed } = await startRun(await place.build(LONG, 'long'))
  child.kill('SIGINT')
  await new Promise<void>((resolve) => child.stderr.on('data', (text) => String(text).includes('cancelling') && resolve()))
  child.kill('SIGINT')
  expect((await closed)[0]).toBe(130)
  // SIGKILL was sent before the process ended; it takes effect soon.
  await expect.poll(() => lives(place.read('stubborn'))).toBe(false)
})
