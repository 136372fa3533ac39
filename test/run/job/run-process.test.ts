import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PYPE } from '../../cli/pype-project.js'
import { JobPlace } from './job-fixture.js'

const NEVER_ENDS = 'SELECT count(*) AS n FROM range(100000) a, range(100000) b, range(1000) c WHERE a.range + b.range + c.range = -1'

let place: JobPlace
let job: string
const children: ChildProcess[] = []
beforeEach(async () => {
  place = new JobPlace()
  place.write('out.csv', 'old')
  job = await place.build(`
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: quick, name: csv_sink, configs: { output_path: quick.csv } }
  - { id: more, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: slow, name: sql_mod, configs: { sql: "${NEVER_ENDS}" } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections:
  data: ["rows.data - quick.input", "more.data - slow.input", "slow.output - out.input"]
  control: ["rows (1|) more"]
`)
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  place.remove()
})

/** Starts the command and waits until its second sub flow, the slow one, is running. */
async function startRun(): Promise<{ readonly child: ChildProcess; readonly closed: Promise<unknown[]> }> {
  const child = spawn(process.execPath, [PYPE, 'run', job, '--log', 'file,stderr', '--log-level', 'debug'], {
    cwd: place.root,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  children.push(child)
  const closed = once(child, 'close')
  let heard = ''
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (text) => {
      heard += String(text)
      if (/"event":"subflow.started","subFlow":"more"/.test(heard)) resolve()
    })
  })
  return { child, closed }
}

function hiddenFiles(): string[] {
  return readdirSync(place.root).filter((name) => name.startsWith('.'))
}

describe('pype run as a process', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends with 130 on %s, with no partial file, and keeps what was committed', async (signal) => {
    const { child, closed } = await startRun()
    child.kill(signal)
    expect((await closed)[0]).toBe(130)
    expect(hiddenFiles()).toEqual([])
    expect(place.read('out.csv')).toBe('old')
    expect(place.read('quick.csv')).toBe('a\n1\n')
  })

  it('goes on at SIGHUP where it has no terminal, as behind nohup', async () => {
    const waiting = await place.build(`
modules:
  - { id: begun, name: wait_for_file, configs: { path: go, interval: 0.02 } }
connections: { data: [], control: [] }
`)
    const child = spawn(process.execPath, [PYPE, 'run', waiting, '--log', 'stderr'], {
      cwd: place.root,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    children.push(child)
    const closed = once(child, 'close')
    child.stderr.once('data', () => {
      child.kill('SIGHUP')
      place.write('go', '')
    })
    expect(await closed).toEqual([0, null])
  })

  it('goes on when nobody reads what it prints any more', async () => {
    const { child, closed } = await startRun()
    child.stderr?.destroy()
    child.kill('SIGINT')
    expect((await closed)[0]).toBe(130)
  })

  it('is refused with 3 while another one of the job goes on, and free to start when that one was killed', async () => {
    const { child, closed } = await startRun()
    const second = spawn(process.execPath, [PYPE, 'run', job], { cwd: place.root, stdio: 'ignore' })
    children.push(second)
    expect((await once(second, 'close'))[0]).toBe(3)
    child.kill('SIGKILL')
    await closed
    const third = await startRun()
    third.child.kill('SIGINT')
    expect((await third.closed)[0]).toBe(130)
    expect(hiddenFiles()).toEqual([])
    const runs = readdirSync(path.join(job, 'runs'))
      .filter((name) => !name.startsWith('.'))
      .sort()
    const ends = runs.map((name) => /end \{"status":"(\w+)"/.exec(readFileSync(path.join(job, 'runs', name, 'journal.log'), 'utf8'))?.[1])
    expect(ends).toEqual(['superseded', 'cancelled'])
    expect(existsSync(path.join(job, 'runs', runs[0] ?? '', 'spill'))).toBe(false)
  })
})
