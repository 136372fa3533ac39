import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { findInexactIntegers } from '../core/exact-integers.js'
import { isObject, readJsonFault } from '../core/json.js'
import { openSource, placeOf } from '../core/source-text.js'
import { systemCodeOf } from '../core/system-code.js'
import type { Findings } from './findings.js'

/** The context files of a flow that stand in `context/` beside it, by file name. */
export interface FlowContext {
  readonly files: ReadonlyMap<string, Buffer>
  /** Names in the default file; empty when there is none, null when it cannot be read. */
  readonly names: readonly string[] | null
  /** As a message names it, from the folder of the flow. */
  readonly defaultFile: { readonly name: string; readonly exists: boolean }
}

/** Reads the context files of a flow; undefined when there is no folder `context/` beside the flow file. */
export async function readFlowContext(flowFile: string, flowName: string, findings: Findings): Promise<FlowContext | undefined> {
  const folder = path.join(path.dirname(flowFile), 'context')
  const listed = await listFolder(folder)
  if (listed === undefined) return undefined
  const files = new Map<string, Buffer>()
  let names: readonly string[] | null = []
  for (const name of listed.filter((candidate) => isContextOf(candidate, flowName)).sort()) {
    const content = await readFile(path.join(folder, name))
    files.set(name, content)
    const values = readContextText(content.toString('utf8'), path.join(folder, name), findings)
    if (name === defaultContextFile(flowName)) names = values && Object.keys(values)
  }
  const name = defaultContextFile(flowName)
  return { files, names, defaultFile: { name: path.join('context', name), exists: files.has(name) } }
}

/** The name of a flow's default context file. */
export function defaultContextFile(flowName: string): string {
  return `${flowName}_default.json`
}

/** The default context file of a job: the user's values stay as they are, new names are added with null. */
export function growDefaultContext(
  present: string | undefined,
  file: string,
  names: readonly string[],
  findings: Findings,
): string | undefined {
  if (present === undefined) return `${JSON.stringify(Object.fromEntries(names.map((name) => [name, null])), null, 2)}\n`
  const values = readContextText(present, file, findings)
  if (values === null) return undefined
  const added = names.filter((name) => !Object.hasOwn(values, name))
  if (added.length === 0 || findings.hasErrors) return undefined
  return `${JSON.stringify({ ...values, ...Object.fromEntries(added.map((name) => [name, null])) }, null, 2)}\n`
}

/** The values of a context file; what is not a JSON object of exact values is reported, and null. */
function readContextText(text: string, file: string, findings: Findings): { readonly [name: string]: unknown } | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const { reason, offset = 0 } = readJsonFault(error)
    const at = placeOf(openSource(file, text), { offset, length: 1 })
    findings.errorAt('CONTEXT_INVALID', at, `The context file is not valid JSON: ${reason}.`, 'a context file is one JSON object')
    return null
  }
  if (!isObject(value)) {
    findings.errorAt('CONTEXT_INVALID', { file, line: 1, column: 1 }, 'A context file has to be a JSON object.', 'write {"name": "value"}')
    return null
  }
  const source = openSource(file, text)
  for (const { text: number, offset } of findInexactIntegers(text)) {
    const at = placeOf(source, { offset, length: number.length })
    findings.errorAt('NUMBER_INEXACT', at, `The number ${number} cannot be kept exactly.`, 'put it in quotes')
  }
  return value
}

/** `<flow name>_<context>.json`; the name of a context has no `_`. */
function isContextOf(file: string, flowName: string): boolean {
  return file.startsWith(`${flowName}_`) && /^[^_]+\.json$/.test(file.slice(flowName.length + 1))
}

async function listFolder(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder)
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}
