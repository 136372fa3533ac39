import { existsSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { JobPlace } from '../job/job-fixture.js'

/** A command that adds a line to `acts.txt`, so that a test sees what ran, and how often. */
export function act(id: string, line = id): string {
  return `{ id: ${id}, name: shell, configs: { command: "echo ${line} >> acts.txt" } }`
}

/** A command that fails as long as there is no file `ready`. */
export function waitFor(id: string): string {
  return `{ id: ${id}, name: shell, configs: { command: "test -f ready" } }`
}

/** The body of a flow in YAML. */
export function flow(
  modules: readonly string[],
  control: readonly string[],
  data: readonly string[] = [],
  settings: { readonly [name: string]: unknown } = {},
): string {
  const list = (items: readonly string[]) => items.map((item) => `\n    - ${item}`).join('') || ' []'
  const quoted = (items: readonly string[]) => list(items.map((item) => JSON.stringify(item)))
  return `settings: ${JSON.stringify(settings)}\nmodules:${list(modules)}\nconnections:\n  data:${quoted(data)}\n  control:${quoted(control)}\n`
}

/** The body of a flow that adds a row to `all.csv` and fails behind it as long as there is no file `ready`. */
export function appendThenWait(settings: { readonly [name: string]: unknown } = {}): string {
  return flow(
    [
      '{ id: rows, name: inline_source, configs: { rows: [{ n: 1 }] } }',
      '{ id: out, name: csv_sink, configs: { output_path: all.csv, mode: append } }',
      waitFor('b'),
    ],
    ['rows (1|) b'],
    ['rows.data - out.input'],
    settings,
  )
}

/** A folder with jobs whose nodes act. It goes when the test ends. */
export class ResumePlace extends JobPlace {
  constructor() {
    super()
    onTestFinished(() => this.remove())
  }

  /** The lines of `acts.txt`. */
  acts(): string[] {
    return existsSync(path.join(this.root, 'acts.txt')) ? this.read('acts.txt').trimEnd().split('\n') : []
  }

  /** Lets the nodes of {@link waitFor} complete. */
  ready(): void {
    this.write('ready', '')
  }
}
