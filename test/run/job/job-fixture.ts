import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildFlow } from '../../../src/build/build.js'
import { type RunSummary, runJob } from '../../../src/run/run.js'
import type { RunOptions } from '../../../src/run/run-options.js'

/** A folder with flows, their data and their jobs. */
export class JobPlace {
  readonly root = mkdtempSync(path.join(tmpdir(), 'pype-job-'))

  write(name: string, text: string): string {
    const file = path.join(this.root, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  }

  read(name: string): string {
    return readFileSync(path.join(this.root, name), 'utf8')
  }

  /** Builds a flow of which modules, connections and settings are given as YAML; returns the job folder. */
  async build(body: string, name = 'sample'): Promise<string> {
    const head = `flow: { name: ${name}, version: 1.0.0, authors: [tester], created: "2026-01-01" }\n`
    const { job } = await buildFlow(this.write(`${name}.yaml`, head + body), { out: path.join(this.root, 'jobs') })
    return job
  }

  run(job: string, options: Partial<RunOptions> = {}): Promise<RunSummary> {
    return runJob(job, { cwd: this.root, env: {}, ...options })
  }

  /** The lines of the log of a run. */
  log(summary: RunSummary): { readonly [field: string]: unknown }[] {
    const lines = readFileSync(path.join(summary.folder, 'log.jsonl'), 'utf8').trimEnd().split('\n')
    return lines.map((line): { readonly [field: string]: unknown } => JSON.parse(line))
  }

  /** Names of all files and folders below a folder, hidden ones too. */
  list(folder = '.'): string[] {
    return readdirSync(path.join(this.root, folder), { recursive: true }).map(String).sort()
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** The sample with three sub flows: both data connections are boundaries. */
export const THREE_SUB_FLOWS = `
settings: { timeout: 3600, retries: 1, fail_strategy: halt, execution_mode: pandas, threads: 8 }
modules:
  - { id: source_csv, name: csv_source, configs: { required: { file_path: "input.csv" }, optional: { encoding: "utf-8" } } }
  - { id: transform_data, name: filter_mod, configs: { required: { condition: "age > 18" } } }
  - { id: output_parquet, name: csv_sink, configs: { required: { output_path: "output.csv" } } }
connections:
  data: ["source_csv.data - transform_data.input", "transform_data.output - output_parquet.input"]
  control: ["source_csv (1|) transform_data", "transform_data (2|) output_parquet"]
`
