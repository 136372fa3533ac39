import { readFileSync } from 'node:fs'
import path from 'node:path'
import { buildFlow } from '../../src/build/build.js'
import type { Dag, ExecutionMetadata } from '../../src/core/dag.js'
import { type Diagnostic, DiagnosticsError } from '../../src/core/errors.js'
import { createProject } from '../cli/pype-project.js'
import { CATALOGUE } from './fake-catalogue.js'

/** A folder of its own with files in it, gone when the test ends. */
export function createFolder(files: { readonly [file: string]: string } = {}): string {
  return createProject(files).folder
}

export interface FlowParts {
  readonly settings?: string
  readonly modules: readonly string[]
  readonly data?: readonly string[]
  readonly control?: readonly (string | object)[]
}

/** A flow file from its parts; a module is `id: name, configs`. */
export function writeFlow({ settings = '{}', modules, data = [], control = [] }: FlowParts): string {
  const uses = modules.map((use) => {
    const [, id, name, configs = ''] = /^(\w+): (\w+)(?:, (.*))?$/s.exec(use) ?? []
    return `  - { id: ${id}, name: ${name}, configs: { ${configs} } }`
  })
  return [
    'flow: { name: test, version: 1.0.0, authors: [me], created: "2025-01-15" }',
    `settings: ${settings}`,
    `modules:${uses.length === 0 ? ' []' : ''}`,
    ...uses,
    'connections:',
    `  data: ${JSON.stringify(data)}`,
    `  control: ${JSON.stringify(control)}`,
    '',
  ].join('\n')
}

export interface Built {
  readonly folder: string
  readonly dag: Dag
  readonly metadata: ExecutionMetadata
  readonly diagnostics: readonly Diagnostic[]
}

/** Builds a flow in a folder of its own and reads back what was written. */
export async function buildText(text: string, files: { readonly [file: string]: string } = {}): Promise<Built> {
  const folder = createFolder({ 'test.yaml': text, ...files })
  const { job, diagnostics } = await buildFlow(path.join(folder, 'test.yaml'), { out: path.join(folder, 'jobs'), catalogue: CATALOGUE })
  const read = (name: string) => JSON.parse(readFileSync(path.join(job, name), 'utf8'))
  return { folder, dag: read('test_dag.json'), metadata: read('test_execution_metadata.json'), diagnostics }
}

/** The codes of what is wrong with a flow, in order; none when it builds. */
export async function codesOf(text: string, files: { readonly [file: string]: string } = {}): Promise<readonly string[]> {
  try {
    return (await buildText(text, files)).diagnostics.map(({ code }) => code)
  } catch (error) {
    if (error instanceof DiagnosticsError) return error.diagnostics.map(({ code }) => code)
    throw error
  }
}
