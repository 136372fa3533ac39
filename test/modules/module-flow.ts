import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { onTestFinished } from 'vitest'
import type { RunSummary } from '../../src/index.js'
import * as sources from '../../src/index.js'

type Rows = readonly object[]
type Values = readonly { readonly [name: string]: unknown }[]

/** A module under test: what it reads, its configs, and which of its ports and globals are looked at. */
export interface Case {
  readonly module: string
  readonly configs?: object
  /** Rows by input port. */
  readonly inputs?: { readonly [port: string]: Rows | { readonly rows: Rows; readonly columns: object } }
  /** Modules that the rows go through afterwards. */
  readonly after?: readonly (readonly [module: string, configs: object])[]
  /** Connects the reject port. */
  readonly reject?: boolean
  /** A message that is logged when the sub flow has ended. */
  readonly message?: string
}

/** What came of a case. */
export interface Outcome {
  /** Rows of the first output port, as JSON; undefined when the sub flow failed. */
  readonly rows: Values | undefined
  readonly rejects: Values | undefined
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string } | undefined
  readonly message: string | undefined
}

/** A flow as objects. */
export interface Flow {
  readonly modules: { readonly [id: string]: readonly [name: string, configs: object] }
  readonly data?: readonly string[]
  readonly control?: readonly (string | object)[]
  readonly settings?: object
}

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly event: string
  readonly node?: string
}

export interface Ran {
  readonly summary: RunSummary
  readonly log: readonly LogLine[]
}

/** A folder with files in it where flows are run. It goes when the test ends. */
export class ModuleProject {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'pype-modules-'))
  /** The library that flows are built and run with. */
  protected readonly library: Pick<typeof sources, 'buildFlow' | 'runJob'> = sources
  #runs = 0

  constructor(files: { readonly [file: string]: string | Uint8Array } = {}) {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }))
    for (const [file, content] of Object.entries(files)) this.write(file, content)
  }

  path(file: string): string {
    return path.join(this.folder, file)
  }

  write(file: string, content: string | Uint8Array): void {
    mkdirSync(path.dirname(this.path(file)), { recursive: true })
    writeFileSync(this.path(file), content)
  }

  read(file: string): string {
    const bytes = readFileSync(this.path(file))
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  }

  has(file: string): boolean {
    return existsSync(this.path(file))
  }

  /** The records of a file of JSON lines. */
  lines(file: string): Values {
    return this.read(file)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  }

  /** Builds the flow and runs it. Rejects with the findings of the build. */
  async run(flow: Flow): Promise<Ran> {
    const job = await this.build(flow)
    const summary = await this.runJob(job)
    return { summary, log: readLog(summary.folder) }
  }

  /** Runs a job that was built before. */
  runJob(job: string): Promise<RunSummary> {
    return this.library.runJob(job, { cwd: this.folder, env: {}, log: { level: 'debug', destinations: ['file'] } })
  }

  /** Builds the flow; returns the folder of the job. */
  async build(flow: Flow): Promise<string> {
    const name = `flow${++this.#runs}`
    const content = {
      flow: { name, version: '1.0.0', authors: ['test'], created: '2026-01-01' },
      settings: { retries: 0, ...flow.settings },
      modules: Object.entries(flow.modules).map(([id, [module, configs]]) => ({ id, name: module, configs })),
      connections: { data: flow.data ?? [], control: flow.control ?? [] },
    }
    this.write(`${name}.yaml`, JSON.stringify(content))
    const { job } = await this.library.buildFlow(this.path(`${name}.yaml`), { out: this.path('jobs') })
    return job
  }

  /** Runs many modules in one flow, each in a sub flow of its own that fails alone. */
  async runCases<Name extends string>(
    cases: { readonly [name in Name]: Case },
  ): Promise<{ [name in Name]: Outcome } & { readonly ran: Ran }> {
    const modules: Record<string, readonly [string, object]> = { begin: ['log', { message: 'begin' }] }
    const [data, control]: [string[], string[]] = [[], []]
    const names = Object.keys(cases) as Name[]
    const run = this.#runs + 1
    const output = (name: string, port: string) => `out${run}/${name}.${port}.jsonl`
    names.forEach((name, i) => {
      const { module, configs = {}, inputs = {}, after = [], reject = false, message } = cases[name]
      modules[name] = [module, configs]
      Object.entries(inputs).forEach(([port, rows], k) => {
        modules[`${name}_in${k}`] = ['inline_source', 'rows' in rows ? rows : { rows }]
        data.push(`${name}_in${k}.data - ${name}.${port}`)
      })
      const first = Object.keys(inputs).length > 0 ? `${name}_in0` : name
      control.push(`begin (${2 * i + 1}|) ${first}`)
      let port = `${name}.${module.endsWith('_source') ? 'data' : 'output'}`
      after.forEach(([next, nextConfigs], k) => {
        modules[`${name}_${k}`] = [next, nextConfigs]
        data.push(`${port} - ${name}_${k}.input`)
        port = `${name}_${k}.output`
      })
      if (!module.endsWith('_sink')) {
        modules[`${name}_out`] = ['json_sink', { output_path: output(name, 'data') }]
        data.push(`${port} - ${name}_out.input`)
      }
      if (reject) {
        modules[`${name}_bad`] = ['json_sink', { output_path: output(name, 'reject') }]
        data.push(`${name}.reject - ${name}_bad.input`)
      }
      if (message !== undefined) {
        modules[`${name}_log`] = ['log', { message }]
        control.push(`${first} (1|) ${name}_log`)
      }
    })
    const ran = await this.run({ modules, data, control, settings: { fail_strategy: 'continue' } })
    const read = (name: string, port: string) => (this.has(output(name, port)) ? this.lines(output(name, port)) : undefined)
    const outcomes = names.map((name) => {
      const error = ran.summary.errors.find(({ node }) => node !== undefined && new RegExp(`^${name}(_(in|out|bad)?\\d*)?$`).test(node))
      const message = ran.log.find((line) => line.node === `${name}_log` && line.level === 'info')?.msg
      return [name, { rows: read(name, 'data'), rejects: read(name, 'reject'), error, message }] as const
    })
    return { ...(Object.fromEntries(outcomes) as { [name in Name]: Outcome }), ran }
  }
}

function readLog(folder: string): LogLine[] {
  return readFileSync(path.join(folder, 'log.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** The messages of the warnings in a log. */
export function warnings({ log }: Ran): string[] {
  return log.filter(({ level }) => level === 'warn').map(({ msg }) => msg)
}
