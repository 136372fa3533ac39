import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { ErrorCode } from '../../src/core/error-codes.js'
import { type Ended, PYPE } from '../cli/pype-project.js'

/** What a target holds before a run that must not touch it. */
const OLDER = 'older content\n'

/** How a run must end. */
export interface Failure {
  readonly code: ErrorCode
  /** Of the node that is to blame; undefined where the run did not get that far. */
  readonly node?: string
  /** 1 when undefined. */
  readonly exit?: 1 | 2 | 130
  /** What the message must say: the file, the line, the value. */
  readonly says?: readonly (string | RegExp)[]
  readonly hint?: RegExp
  /** Text at the place in the YAML that the error names; the node's id when undefined. */
  readonly at?: string
}

export interface RunSpec {
  /** A command that runs the one given to it, such as `prlimit --fsize=…`. */
  readonly wrapper?: readonly string[]
  /** User and group of the process. */
  readonly uid?: number
  readonly args?: readonly string[]
  /** Sends SIGINT once this resolves. */
  readonly interruptAfter?: (folder: string) => Promise<void>
  /** Older targets stay out of the way: the run itself finds none. */
  readonly older?: boolean
}

/** A folder with the input of a flow, its job and its targets. It goes when the test ends. */
export class BadFlow {
  readonly folder: string
  #targets: string[] = []

  constructor(files: { readonly [name: string]: string | Uint8Array } = {}) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'pype-bad-'))
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }))
    for (const [name, content] of Object.entries(files)) this.write(name, content)
  }

  path(name: string): string {
    return path.join(this.folder, name)
  }

  write(name: string, content: string | Uint8Array): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true })
    writeFileSync(this.path(name), content)
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  bytes(name: string): Buffer {
    return readFileSync(this.path(name))
  }

  /** Builds the flow `bad`, given as YAML without its head, with the command. */
  async build(body: string): Promise<void> {
    this.write('bad.yaml', `flow: { name: bad, version: 1.0.0, authors: [tester], created: "2026-01-01" }\n${body.trim()}\n`)
    this.#targets = [...body.matchAll(/output_path: "?([^\s",}]+)/g)].map(([, target]) => target ?? '')
    const built = await this.pype(['build', 'bad.yaml'])
    expect(built.stderr, 'the build').not.toMatch(/^error/m)
    expect(built.code, built.stderr).toBe(0)
  }

  pype(args: readonly string[], { wrapper = [], uid, interruptAfter }: RunSpec = {}): Promise<Ended> {
    const command = [...wrapper, process.execPath, PYPE, ...args]
    return new Promise((resolve, reject) => {
      const child = spawn(command[0] ?? '', command.slice(1), {
        cwd: this.folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, HOME: this.folder },
        ...(uid === undefined ? {} : { uid, gid: uid }),
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      let stdout = ''
      let stderr = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, stdout, stderr }))
      interruptAfter?.(this.folder).then(() => child.kill('SIGINT'), reject)
    })
  }

  /**
   * Builds and runs the flow twice, over older targets and without any, and holds all that a failed run owes:
   * a coded error with node, place and hint, the exit code, no stack, nothing but the result line on stdout, and the
   * folder exactly as it was before.
   */
  async expectFailure(body: string, failure: Failure, spec: RunSpec = {}): Promise<Ended> {
    await this.build(body)
    if (spec.older !== false) {
      for (const target of this.#targets) if (!existsSync(this.path(target))) this.write(target, OLDER)
      await this.expectRunFails(failure, spec)
      for (const target of this.#targets) if (!lstatSync(this.path(target)).isDirectory()) rmSync(this.path(target))
    }
    return this.expectRunFails(failure, spec)
  }

  /** The same for what a build finds where it can: the flow is built before its files are there. */
  async expectLateFailure(files: { readonly [name: string]: string }, body: string, failure: Failure): Promise<Ended> {
    await this.build(body)
    for (const [name, content] of Object.entries(files)) this.write(name, content)
    return this.expectRunFails(failure)
  }

  /** Runs the built job once and holds the same. */
  async expectRunFails(failure: Failure, spec: RunSpec = {}): Promise<Ended> {
    const before = this.#fingerprint()
    const ended = await this.pype(['run', 'jobs/bad', ...(spec.args ?? [])], spec)
    this.#holdError(ended, failure)
    expect(this.#fingerprint(), 'files beside the job').toEqual(before)
    expect(this.#leftInRuns(), 'left in the run folders').toEqual([])
    return ended
  }

  #holdError({ code, stdout, stderr }: Ended, failure: Failure): void {
    const shown = `${stdout}\n${stderr}`
    expect(stderr, shown).toMatch(new RegExp(`error ${failure.code}\\b`))
    expect(code, shown).toBe(failure.exit ?? 1)
    expect(stdout, shown).toMatch(failure.exit === 2 ? /^$/ : failure.exit === 130 ? /^\S+ cancelled\n$/ : /^\S+ failed\n$/)
    expect(shown, 'a stack trace').not.toMatch(/^\s+at .*[:(]\S*\d+:\d+\)?$/m)
    expect(shown, 'names of the inside').not.toMatch(/exception_type|_pype_file|INTERNAL|\bundefined\b|\[object /)
    if (failure.exit !== 130) expect(stderr, shown).toMatch(/^\s*hint: \S/m)
    if (failure.hint !== undefined) expect(/hint: .*/.exec(stderr)?.[0], shown).toMatch(failure.hint)
    for (const text of failure.says ?? []) {
      if (typeof text === 'string') expect(unwrap(stderr)).toContain(unwrap(text))
      else expect(stderr).toMatch(text)
    }
    if (failure.node === undefined) return
    expect(stderr, shown).toContain(`node ${failure.node}: `)
    const place = /^(\S*bad\.yaml):(\d+):(\d+)/m.exec(stderr)
    expect(place, shown).not.toBeNull()
    const line = readFileSync(path.resolve(this.folder, place?.[1] ?? ''), 'utf8').split('\n')[Number(place?.[2]) - 1] ?? ''
    expect(line.slice(Number(place?.[3]) - 1), 'the place that the error names').toMatch(
      failure.at ?? new RegExp(`^.{0,8}\\b${failure.node}\\b`),
    )
  }

  /** All files and folders but the runs, with their content. */
  #fingerprint(): Record<string, string> {
    const found: Record<string, string> = {}
    for (const name of readdirSync(this.folder, { recursive: true }).map(String)) {
      if (name.startsWith('jobs/bad/runs') || name.startsWith('runs/')) continue
      const stats = lstatSync(this.path(name))
      if (stats.isSymbolicLink()) found[name] = `-> ${readlinkSync(this.path(name))}`
      else if (stats.isFile())
        found[name] = createHash('sha256')
          .update(readFileSync(this.path(name)))
          .digest('hex')
      else found[name] = 'other'
    }
    return found
  }

  /** What the runs left that should be gone: spilled rows, half files. */
  #leftInRuns(): string[] {
    const runs = this.path('jobs/bad/runs')
    if (!existsSync(runs)) return []
    return readdirSync(runs, { recursive: true })
      .map(String)
      .filter((name) => /(^|\/)spill(\/|$)|\.partial|\.tmp|\.encoded/.test(name))
  }
}

/** One source of CSV and one CSV sink, fused into one statement. */
export function csvFlow(source: string, target = 'out.csv', between = ''): string {
  return `modules:
  - id: read
    name: csv_source
    configs: { ${source} }
${between}  - id: write
    name: csv_sink
    configs: { output_path: ${target} }
connections: { data: ["read.data - write.input"], control: [] }`
}

/** Without the line breaks that the command puts into long messages. */
function unwrap(text: string): string {
  return text.replace(/\s+/g, ' ')
}
