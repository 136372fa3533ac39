import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { PYPE, readSummary } from '../../cli/pype-project.js'
import { JobPlace } from '../job/job-fixture.js'

/** A job whose run lasts as long as `many` is large, and for good at ENDLESS. */
export const ENDLESS = 'many=10000000000'
export const SLOW_FLOW = `
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: slow, name: sql_mod, configs: { sql: "SELECT count(*) AS n FROM input, range({{context.many}}) b, range({{context.many}}) c WHERE b.range + c.range = -1" } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: ["rows.data - slow.input", "slow.output - out.input"], control: [] }
`

/** A run of the command as a process of its own. */
export interface Started {
  readonly child: ChildProcess
  /** Resolves when stderr has shown the text. Rejects when the process ends before. */
  says(text: RegExp): Promise<RegExpMatchArray>
  /** The exit code, and all that was printed. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
}

/** A job, and runs of it that end with the test. */
export class RunPlace extends JobPlace {
  readonly runs = path.join(this.root, 'jobs/sample/runs')

  constructor() {
    super()
    onTestFinished(() => this.remove())
  }

  start(args: readonly string[]): Started {
    const child = spawn(process.execPath, [PYPE, 'run', 'sample', '--log', 'file,stderr', ...args], { cwd: this.root })
    onTestFinished(() => void child.kill('SIGKILL'))
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    return {
      child,
      says: (text) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            const match = text.exec(stderr)
            if (match !== null) resolve(match)
          }
          child.stderr.on('data', look)
          child.once('close', () => reject(new Error(`it ended and never said ${text}:\n${stderr}`)))
          look()
        }),
      ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr }))),
    }
  }

  /** Starts a run that does not end, and waits until it is in its query; returns its id too. */
  async startEndless(args: readonly string[] = []): Promise<Started & { readonly id: string }> {
    const started = this.start(['--set', ENDLESS, '--log-level', 'debug', ...args])
    const [, id = ''] = await started.says(/"run":"([^"]+)"[^\n]*"event":"subflow.started"/)
    return { ...started, id }
  }

  /** What a command that ends by itself printed as JSON, and its exit code. */
  async json<T>(args: readonly string[]): Promise<{ readonly code: number | null; readonly summary: T }> {
    const { code, stdout, stderr } = await this.start([...args, '--json']).ended
    if (stdout === '') throw new Error(stderr)
    return { code, summary: readSummary(stdout) }
  }

  /** Ids of the runs that have a folder, the oldest first. */
  runIds(): string[] {
    if (!existsSync(this.runs)) return []
    return readdirSync(this.runs)
      .filter((name) => !name.startsWith('.'))
      .sort()
  }

  /** The status in a run's end record; undefined: it has none. */
  endOf(run: string): string | undefined {
    return / end \{"status":"(\w+)"/.exec(readFileSync(path.join(this.runs, run, 'journal.log'), 'utf8'))?.[1]
  }
}
