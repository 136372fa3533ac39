import { readFile } from 'node:fs/promises'
import type { ModuleType } from '../core/dag.js'
import { messageOf, PypeError } from '../core/errors.js'
import { isObject, type Json } from '../core/json.js'
import { replaceFile } from '../core/replace-file.js'
import { systemCodeOf } from '../core/system-code.js'
import type { ConfigSpec, ModuleDefinition } from '../sdk/define-module.js'

/** What ModRegistry.json says of a module. */
export interface RegistryEntry {
  readonly module_path: string
  readonly type: ModuleType
  readonly version: string
  readonly description: string
  readonly category: string
  readonly input_ports: readonly string[]
  readonly output_ports: readonly string[]
  readonly globals: { readonly [name: string]: { readonly type: string; readonly description: string } }
  readonly packages: readonly string[]
  readonly config_schema: {
    readonly required: { readonly [name: string]: Json }
    readonly optional: { readonly [name: string]: Json }
  }
}

/** The content of ModRegistry.json: entries by module name. */
export type RegistryEntries = { readonly [name: string]: RegistryEntry }

/** The registry entry of a module. */
export function describeModule(definition: ModuleDefinition, modulePath: string): RegistryEntry {
  return {
    module_path: modulePath,
    type: definition.type,
    version: definition.version,
    description: definition.description,
    category: definition.category,
    input_ports: definition.inputPorts,
    output_ports: definition.outputPorts,
    globals: mapValues(definition.globals, ({ type, description }) => ({ type, description })),
    packages: definition.packages,
    config_schema: {
      required: mapValues(definition.config.required, describeSpec),
      optional: mapValues(definition.config.optional, describeSpec),
    },
  }
}

/** The text of ModRegistry.json: modules in order of their names, the same bytes for the same modules. */
export function formatRegistry(entries: RegistryEntries): string {
  const sorted = Object.keys(entries)
    .sort()
    .map((name) => [name, entries[name]])
  return `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`
}

/** Reads a ModRegistry.json; a file that is not there has no entries. Throws REGISTRY_INVALID. */
export async function readRegistry(file: string): Promise<RegistryEntries> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return '{}'
    throw new PypeError('FILE_UNREADABLE', `${file} cannot be read.`, { cause: error })
  })
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    throw invalid(file, `is not valid JSON: ${messageOf(error)}`, error)
  }
  if (!isRegistry(content)) throw invalid(file, 'must be an object with one entry per module, each with a module_path and a type')
  return content
}

/** Replaces ModRegistry.json in one step. Throws DISK_FULL and FILE_UNWRITABLE. */
export async function writeRegistry(file: string, entries: RegistryEntries): Promise<void> {
  await replaceFile(file, formatRegistry(entries))
}

function invalid(file: string, what: string, cause?: unknown): PypeError {
  const hint = 'mend the file, or delete its content and run `pype auto-register` to write it anew'
  return new PypeError('REGISTRY_INVALID', `${file} ${what}.`, { hint, cause })
}

function isRegistry(content: unknown): content is RegistryEntries {
  return (
    isObject(content) &&
    Object.values(content).every((entry) => isObject(entry) && typeof entry.module_path === 'string' && typeof entry.type === 'string')
  )
}

function describeSpec(spec: ConfigSpec): Json {
  const { type, description, example, values, of, min, max, pattern } = spec
  const parts = { type, description, values, of, min, max, pattern, example, default: spec.default }
  return toJson(parts)
}

/** A value as JSON holds it; keys without a value are left out. */
function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(toJson)
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).flatMap(([key, part]) => (part === undefined ? [] : [[key, toJson(part)]])))
  return String(value)
}

function mapValues<In, Out>(object: { readonly [key: string]: In }, convert: (value: In) => Out): { [key: string]: Out } {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, convert(value)]))
}
