import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { expect, onTestFinished } from 'vitest'
import { tryFolderLock } from '../../../src/engine/duckdb/folder-lock.js'
import { PYPE } from '../../cli/pype-project.js'
import { JobPlace } from '../../run/job/job-fixture.js'
import { findMarked } from './marked-processes.js'
import type { RandomFlow, Target } from './random-flow.js'

/** When a run is interrupted: some time after it has logged so many lines. */
export interface Instant {
  readonly lines: number
  readonly milliseconds: number
}

/** What an interrupted run came to. */
export interface Interrupted {
  /** 0 or 1: the run had ended before the signal. Null: nothing had begun, or all had ended, and the process did not ask for the signal. */
  readonly code: number | null
  /** From the signal to the end of the process. */
  readonly seconds: number
  readonly stderr: string
}

const OLD = 'what lay here before\n'
/** Milliseconds that a run may log nothing, before the signal comes all the same: it waits for something long. */
const QUIET = 700
/** Two are promised; the rest is for a machine that has much else to do. */
const MOST_SECONDS = 10

/** A job of a random flow, whose runs are interrupted. It goes with the test. */
export class InterruptedPlace {
  readonly #place = new JobPlace()
  readonly #flow: RandomFlow
  readonly #marker: string = randomUUID()
  /** Ids of the runs that were held already. */
  readonly #earlier = new Set<string>()

  constructor(flow: RandomFlow) {
    this.#flow = flow
    onTestFinished(() => this.#place.remove())
  }

  async build(): Promise<void> {
    await this.#place.build(this.#flow.text)
  }

  /** Starts a run over old targets, interrupts it, and waits for its end. */
  async interrupt({ lines, milliseconds }: Instant): Promise<Interrupted> {
    this.#layOut()
    const child = spawn(process.execPath, [PYPE, 'run', 'sample', '--log', 'file,stderr', '--log-level', 'debug'], {
      cwd: this.#place.root,
      env: { ...process.env, PYPE_TEST_MARKER: this.#marker },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let stderr = ''
    let sent: number | undefined
    let timer: NodeJS.Timeout | undefined
    const send = (): void => {
      sent ??= performance.now()
      child.kill('SIGINT')
    }
    const look = (): void => {
      if (sent !== undefined) return
      clearTimeout(timer)
      // The first line comes when the run has begun: before that there is nothing to interrupt.
      const has = stderr.split('\n').length - 1
      if (has > 0 || lines === 0) timer = setTimeout(send, has >= lines ? milliseconds : QUIET)
    }
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      look()
    })
    look()
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
    const seconds = sent === undefined ? 0 : (performance.now() - sent) / 1000
    clearTimeout(timer)
    return { code, seconds, stderr }
  }

  /** Holds what an interrupted run owes. */
  async hold({ code, seconds, stderr }: Interrupted): Promise<void> {
    expect(seconds, stderr).toBeLessThan(MOST_SECONDS)
    if (process.platform === 'linux') {
      await expect.poll(() => findMarked(this.#marker), { message: `processes that were left\n${stderr}`, timeout: 2000 }).toEqual([])
    }
    this.#holdEnd(code, stderr)
    expect(this.#temporaryFiles(), stderr).toEqual([])
    await this.#holdLock()
    for (const target of this.#flow.targets) await this.#holdTarget(target, stderr)
  }

  /** The exit code says what the journal says; a run that had not begun has no journal. */
  #holdEnd(code: number | null, stderr: string): void {
    const begun = this.#runs().filter((run) => !this.#earlier.has(run))
    for (const run of begun) this.#earlier.add(run)
    const ends = begun.map((run) => / end \{"status":"(\w+)"/.exec(this.#place.read(`jobs/sample/runs/${run}/journal.log`))?.[1])
    // Node asks for signals no more while the process goes, after the summary: it ends by the signal then.
    const isOnItsWayOut = code === null && /^log and journal: /m.test(stderr)
    if (begun.length === 0) expect([null, 130], stderr).toContain(code)
    else if (isOnItsWayOut) expect(['completed', 'failed', 'cancelled']).toContain(ends[0])
    else expect(code, stderr).toBe({ completed: 0, failed: 1, cancelled: 130 }[ends[0] ?? ''])
    expect(stderr, 'the log').not.toMatch(/INTERNAL|Unhandled|could not be removed|leftover\.settled/)
  }

  /** Hidden files and spilled rows; the file of the lock that nobody holds stays. */
  #temporaryFiles(): string[] {
    const isTemporary = (name: string): boolean =>
      /(^|\/)(\.|spill(\/|$))|\.(partial|tmp)$/.test(name) && !/\/runs\/\.\w+\.duckdb$/.test(name)
    return this.#place.list().filter(isTemporary)
  }

  /** A run's own lock is a hidden file in its folder, and goes with it. */
  async #holdLock(): Promise<void> {
    const runs = path.join(this.#place.root, 'jobs/sample/runs')
    if (!existsSync(runs)) return
    const lock = await tryFolderLock(runs)
    expect(lock, 'the lock of the runs folder').toBeDefined()
    await lock?.release()
  }

  async #holdTarget(target: Target, stderr: string): Promise<void> {
    if (target.kind === 'move') {
      const [from, to] = [target.from, target.to].map((name) => this.#contentOf(name))
      expect([from, to], stderr).toEqual(from === undefined ? [undefined, target.from] : [target.from, undefined])
      return
    }
    if (target.kind === 'append') return holdBatches(this.#contentOf(target.file) ?? '', target.rows, stderr)
    for (const name of this.#place.list().filter((each) => target.pattern.test(each))) {
      if (this.#contentOf(name) === OLD) continue
      const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path.join(this.#place.root, name)) })
      expect(rows.length, `${name}\n${stderr}`).toBe(target.rows)
    }
  }

  #layOut(): void {
    rmSync(path.join(this.#place.root, 'moved'), { recursive: true, force: true })
    for (const target of this.#flow.targets) {
      if (target.kind === 'move') this.#place.write(target.from, target.from)
      if (target.kind === 'parquet') this.#place.write(target.oldFile, OLD)
    }
  }

  #contentOf(name: string): string | undefined {
    const file = path.join(this.#place.root, name)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }

  #runs(): string[] {
    const runs = path.join(this.#place.root, 'jobs/sample/runs')
    if (!existsSync(runs)) return []
    return readdirSync(runs)
      .filter((name) => !name.startsWith('.'))
      .sort()
  }
}

/** Each batch stands there whole and in one piece. */
function holdBatches(content: string, rows: number, stderr: string): void {
  const lines = content.split('\n').slice(1, -1)
  const batches = Array.from({ length: Math.ceil(lines.length / rows) }, (_, i) => lines.slice(i * rows, (i + 1) * rows))
  for (const batch of batches) {
    const name = batch[0]?.split(',')[0]
    expect(batch, stderr).toEqual(Array.from({ length: rows }, (_, row) => `${name},${row}`))
  }
  const names = batches.map(([first]) => first)
  expect(new Set(names).size, `batches that stand there twice\n${stderr}`).toBe(names.length)
}
