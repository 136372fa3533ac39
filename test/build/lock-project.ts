import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buildFlow } from '../../src/build/build.js'
import { lockFlow } from '../../src/build/columns/lock-flow.js'
import { type RunSummary, runJob } from '../../src/index.js'
import { flowText } from './column-flow.js'
import { createFolder } from './flow-project.js'

/** A flow that copies one source into a JSON file, with its files. */
export class LockProject {
  readonly folder: string

  constructor(source: readonly [string, object], files: { readonly [file: string]: string }, settings: object = {}) {
    this.folder = createFolder(files)
    this.configure(source, settings)
  }

  configure(source: readonly [string, object], settings: object = {}): void {
    this.write(
      'test.yaml',
      flowText({ modules: { rows: source, out: ['json_sink', { output_path: 'out.jsonl' }] }, data: ['rows.data - out.input'], settings }),
    )
  }

  lock() {
    return lockFlow(path.join(this.folder, 'test.yaml'), this.folder)
  }

  async run(): Promise<RunSummary> {
    const { job } = await buildFlow(path.join(this.folder, 'test.yaml'), { out: path.join(this.folder, 'jobs') })
    return runJob(job, { cwd: this.folder, env: {} })
  }

  write(file: string, content: string): void {
    writeFileSync(path.join(this.folder, file), content)
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8')
  }

  has(file: string): boolean {
    return existsSync(path.join(this.folder, file))
  }

  /** What the run wrote. */
  rows(): unknown[] {
    return this.read('out.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  }
}
