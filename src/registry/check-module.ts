import path from 'node:path'
import { isObject } from '../core/json.js'
import type { ModuleDefinition } from '../sdk/define-module.js'
import { findConfigFaults, findUnknownKeys } from './check-specs.js'
import { readPort } from './ports.js'

/** What the folder of a module file says about its type. */
export const TYPE_FOLDERS: { readonly [folder: string]: ModuleDefinition['type'] } = {
  source: 'source',
  mods: 'mod',
  sinks: 'sink',
  solo: 'solo',
}

type Unchecked = { readonly [key: string]: unknown }

/** Whether a value that a file exports is a sound module. */
export function isModule(value: unknown, file: string): value is ModuleDefinition {
  return checkModule(value, file).length === 0
}

/** All that is wrong with what the module file `file` exports by default, one text each; none for a sound module. */
export function checkModule(value: unknown, file: string): readonly string[] {
  if (!isObject(value)) return ['the file must have `export default defineModule({ … })`']
  return [
    ...findUnknownKeys(value, KEYS),
    ...findNameFaults(value, file),
    ...findTextFaults(value),
    ...findPortFaults(value),
    ...findGlobalFaults(value.globals),
    ...findConfigFaults(value.config),
    ...findBodyFaults(value),
  ]
}

const KEYS: readonly string[] = [
  'name',
  'type',
  'version',
  'description',
  'category',
  'inputPorts',
  'outputPorts',
  'globals',
  'dynamicGlobals',
  'packages',
  'items',
  'readsOnly',
  'config',
  'check',
  'query',
  'columns',
  'lineage',
  'setup',
  'run',
  'teardown',
] satisfies (keyof ModuleDefinition)[]

function findNameFaults({ name, type }: Unchecked, file: string): string[] {
  const faults: string[] = []
  const expected = path.parse(file).name
  if (typeof name !== 'string' || !/^[a-z][a-z0-9_]*$/.test(name))
    faults.push('`name` must be lower-case letters, digits and `_`, a letter first')
  else if (name !== expected) faults.push(`\`name\` is "${name}", but the file is called "${expected}": both must be the same`)
  const folder = path.basename(path.dirname(file))
  const folderType = TYPE_FOLDERS[folder]
  if (typeof type !== 'string' || !Object.values(TYPE_FOLDERS).some((known) => known === type))
    faults.push('`type` must be `source`, `mod`, `sink` or `solo`')
  else if (folderType !== undefined && folderType !== type)
    faults.push(`\`type\` is "${type}", but modules in the folder "${folder}" have the type "${folderType}"`)
  return faults
}

function findTextFaults({ version, description, category, packages }: Unchecked): string[] {
  const faults: string[] = []
  if (typeof version !== 'string' || !/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
    faults.push('`version` must be a semantic version like "1.0.0"')
  if (typeof description !== 'string' || description.trim() === '') faults.push('`description` must be a text')
  if (typeof category !== 'string' || category.trim() === '') faults.push('`category` must be a text')
  if (!isTextList(packages)) faults.push('`packages` must be a list of npm package names; [] for none')
  return faults
}

const PORTS_OF_TYPE: { readonly [type: string]: { readonly inputs: boolean; readonly outputs: boolean } } = {
  source: { inputs: false, outputs: true },
  mod: { inputs: true, outputs: true },
  sink: { inputs: true, outputs: false },
  solo: { inputs: false, outputs: false },
}

function findPortFaults({ type, inputPorts, outputPorts }: Unchecked): string[] {
  if (!isTextList(inputPorts) || !isTextList(outputPorts)) return ['`inputPorts` and `outputPorts` must be lists of names; [] for none']
  const faults: string[] = []
  for (const port of inputPorts)
    if (!/^[a-z][a-z0-9_]*[?*]?$/.test(port))
      faults.push(`the input port "${port}" must be written \`name\`, \`name?\` (may stay open) or \`name*\` (takes several)`)
  for (const port of outputPorts)
    if (!/^[a-z][a-z0-9_]*$/.test(port)) faults.push(`the output port "${port}" must be a name of lower-case letters, digits and \`_\``)
  const names = inputPorts.map((port) => readPort(port).name)
  if (new Set(names).size < names.length || new Set(outputPorts).size < outputPorts.length) faults.push('each port may be listed once')
  const rule = typeof type === 'string' ? PORTS_OF_TYPE[type] : undefined
  if (rule === undefined) return faults
  if (rule.inputs !== inputPorts.length > 0) faults.push(`a ${type} has ${rule.inputs ? 'at least one input port' : 'no input ports'}`)
  if (rule.outputs !== outputPorts.length > 0) faults.push(`a ${type} has ${rule.outputs ? 'at least one output port' : 'no output ports'}`)
  return faults
}

const GLOBAL_TYPES = ['int', 'float', 'str', 'bool', 'any']

function findGlobalFaults(globals: unknown): string[] {
  if (!isObject(globals)) return ['`globals` must be an object; {} for none']
  return Object.entries(globals).flatMap(([name, spec]) => {
    const faults: string[] = []
    if (!/^[a-z][a-z0-9_]*$/.test(name)) faults.push(`the global "${name}" must be lower-case letters, digits and \`_\``)
    if (!isObject(spec)) return [...faults, `the global "${name}" must be an object with \`type\` and \`description\``]
    if (typeof spec.type !== 'string' || !GLOBAL_TYPES.includes(spec.type))
      faults.push(`the global "${name}" must have a \`type\`: ${GLOBAL_TYPES.join(', ')}`)
    if (typeof spec.description !== 'string' || spec.description.trim() === '')
      faults.push(`the global "${name}" must have a \`description\``)
    if (spec.query !== undefined && typeof spec.query !== 'function') faults.push(`\`query\` of the global "${name}" must be a function`)
    return faults
  })
}

function findBodyFaults(module: Unchecked): string[] {
  const faults: string[] = []
  for (const key of ['query', 'columns', 'lineage', 'run', 'setup', 'teardown', 'check', 'dynamicGlobals']) {
    if (module[key] !== undefined && typeof module[key] !== 'function') faults.push(`\`${key}\` must be a function`)
  }
  const { query, run, outputPorts, items, readsOnly, type } = module
  if ((query === undefined) === (run === undefined)) faults.push('a module must have either `query` or `run`')
  if (query !== undefined && isTextList(outputPorts) && outputPorts.length === 0)
    faults.push('`query` describes the rows of output ports, and there are none: use `run`')
  for (const key of ['columns', 'setup', 'teardown'])
    if (module[key] !== undefined && run === undefined) faults.push(`\`${key}\` needs \`run\``)
  if (module['lineage'] !== undefined && module['columns'] === undefined) faults.push('`lineage` needs `columns`')
  if (items !== undefined && typeof items !== 'boolean') faults.push('`items` must be true or false')
  if (readsOnly !== undefined && typeof readsOnly !== 'boolean') faults.push('`readsOnly` must be true or false')
  if (readsOnly === true && type !== 'solo')
    faults.push('`readsOnly` is for solos: sources and mods change nothing anyway, and sinks always do')
  if (items === true && run === undefined) faults.push('`items: true` needs `run`')
  return faults
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string' && element !== '')
}
