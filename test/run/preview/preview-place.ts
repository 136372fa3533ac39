import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { planFlowFile } from '../../../src/build/build.js'
import type { RowsProfile } from '../../../src/engine/rows-profile.js'
import type { PreviewOptions } from '../../../src/run/preview/prepared-preview.js'
import { type HeldRows, previewPort } from '../../../src/run/preview/preview.js'
import type { Row } from '../../../src/sdk/artifact.js'

/** What is asked of a preview, beside the flow and the port. */
export type Asked = Partial<PreviewOptions>

/** A folder with a flow in which ports are looked at in this process. It goes when the test ends. */
export class PreviewPlace {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'pype-preview-test-'))
  readonly warnings: string[] = []

  constructor(files: { readonly [name: string]: string } = {}) {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }))
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  write(name: string, text: string): void {
    writeFileSync(path.join(this.folder, name), text)
  }

  /** Everything that is in the folder. */
  files(): readonly string[] {
    return readdirSync(this.folder).sort()
  }

  /** Writes a flow: nodes as `id module {configs}`. */
  flow(nodes: readonly string[], data: readonly string[], control: readonly string[] = [], settings = ''): void {
    const modules = nodes.map((node) => {
      const [, id, module, configs] = /^(\w+) (\w+) (.*)$/s.exec(node) ?? []
      return `  - { id: ${id}, name: ${module}, configs: ${configs} }\n`
    })
    this.write(
      'flow.yaml',
      `flow: { name: looked_at, version: 1.0.0, authors: [me], created: "2026-01-01" }\nsettings: { ${settings} }\nmodules:\n${modules.join('')}connections: { data: ${JSON.stringify(data)}, control: ${JSON.stringify(control)} }\n`,
    )
  }

  async look<T>(port: string | undefined, asked: Asked, work: (held: HeldRows) => Promise<T>): Promise<T> {
    const file = path.join(this.folder, 'flow.yaml')
    const { dag, metadata } = await planFlowFile(file)
    return previewPort(
      { file, dag, metadata },
      port,
      {
        contextFolder: this.folder,
        cwd: this.folder,
        env: {},
        signal: new AbortController().signal,
        onWarning: (message) => this.warnings.push(message),
        ...asked,
      },
      work,
    )
  }

  /** The rows that a preview shows. */
  async rows(port: string | undefined, asked: Asked = {}): Promise<readonly Row[]> {
    let left = ''
    const rows = await this.look(port, asked, async ({ rows, engine, folder }) => {
      left = folder
      return engine.head(rows, 1000, { names: new Map(), signal: new AbortController().signal })
    })
    if (existsSync(left)) throw new Error(`${left} is still there`)
    return rows
  }

  profile(port: string | undefined, asked: Asked = {}): Promise<RowsProfile> {
    return this.look(port, { ...asked, forProfile: true }, ({ rows, columns, engine }) =>
      engine.profile(rows, columns, new AbortController().signal),
    )
  }
}
