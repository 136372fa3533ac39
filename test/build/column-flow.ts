import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { validateFlow } from '../../src/build/build.js'
import type { PortColumns } from '../../src/build/columns/flow-columns.js'
import { type Diagnostic, DiagnosticsError } from '../../src/core/errors.js'
import { createFolder } from './flow-project.js'

/** A flow as objects; a module is its name and its configs. */
export interface ColumnFlow {
  readonly modules: { readonly [id: string]: readonly [name: string, configs?: object] }
  readonly data?: readonly string[]
  readonly control?: readonly (string | object)[]
  readonly settings?: object
}

/** What the build found: columns as `name TYPE` by port, or why they are not known, and what it reports. */
export interface Found {
  readonly columns: { readonly [port: string]: readonly string[] | string }
  /** `CODE [marked text] message` with the hint behind `->`. */
  readonly errors: readonly string[]
}

/** Writes a flow and the files around it, and finds its columns. */
export async function findColumnsOf(flow: ColumnFlow, files: { readonly [file: string]: string | Uint8Array } = {}): Promise<Found> {
  const folder = createFolder({ 'test.yaml': flowText(flow) })
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), content)
  }
  const lines = flowText(flow).split('\n')
  try {
    const { columns } = await validateFlow(path.join(folder, 'test.yaml'), { columns: { cwd: folder } })
    const ports = [...(columns ?? [])].flatMap(([node, found]) =>
      [...found].map(([port, known]) => [`${node.flow.id}.${port}`, textOf(known)] as const),
    )
    return { columns: Object.fromEntries(ports), errors: [] }
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error
    return { columns: {}, errors: error.diagnostics.map((finding) => format(finding, lines).replaceAll(`${folder}/`, '')) }
  }
}

/** A flow file with a config per line, so that places can be told apart. */
export function flowText({ modules, data = [], control = [], settings = {} }: ColumnFlow): string {
  return [
    'flow: { name: test, version: 1.0.0, authors: [me], created: "2025-01-15" }',
    `settings: ${JSON.stringify(settings)}`,
    'modules:',
    ...Object.entries(modules).flatMap(([id, [name, configs = {}]]) => [
      `  - id: ${id}`,
      `    name: ${name}`,
      `    configs:${Object.keys(configs).length === 0 ? ' {}' : ''}`,
      ...Object.entries(configs).map(([key, value]) => `      ${key}: ${JSON.stringify(value)}`),
    ]),
    'connections:',
    `  data: ${JSON.stringify(data)}`,
    `  control: ${JSON.stringify(control)}`,
    '',
  ].join('\n')
}

function textOf(found: PortColumns): readonly string[] | string {
  return found.kind === 'known' ? found.columns.map(({ name, type }) => `${name} ${type}`) : found.reason
}

function format({ code, message, hint, at }: Diagnostic, lines: readonly string[]): string {
  const column = (at?.column ?? 1) - 1
  const marked = lines[(at?.line ?? 0) - 1]?.slice(column, column + (at?.length ?? 0))
  return `${code} [${marked}] ${message}${hint === undefined ? '' : ` -> ${hint}`}`
}
