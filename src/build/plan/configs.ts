import { ConnectionFault } from '../../core/database-connection/fault.js'
import { parseConnection } from '../../core/database-connection/spec.js'
import type { FlowEntry, FlowModule, FlowValue } from '../../core/flow.js'
import { isObject, type Json, type JsonObject } from '../../core/json.js'
import { suggestNearest } from '../../core/suggest.js'
import { containsTemplate } from '../../core/template.js'
import { checkConfigValue, typesOf } from '../../registry/config-check.js'
import type { ConfigSpec, ConfigType, ModuleDefinition } from '../../sdk/define-module.js'
import { type Findings, suggestName } from '../findings.js'
import { toJsonObject } from '../load/flow-value.js'
import { warnOfPassword } from './warn-of-password.js'

/** Types that take a scalar as it is written in the file. */
const TEXT_TYPES: ReadonlySet<ConfigType> = new Set(['str', 'path', 'sql', 'column', 'secret', 'enum', 'command'])

/** Configs may stand in maps of these names. */
const GROUPS: readonly string[] = ['required', 'optional']

/** Checks the configs of a node against its module, and returns them as they go into the dag. */
export function readConfigs(use: FlowModule, definition: ModuleDefinition | undefined, findings: Findings): JsonObject {
  if (definition === undefined) return toJsonObject(use.configs)
  const { required, optional } = definition.config
  const specs = new Map(Object.entries({ ...required, ...optional }))
  const read = new Map<string, Json>()
  for (const entry of use.configs) {
    const spec = specs.get(entry.key)
    if (spec === undefined) {
      findings.error(
        'UNKNOWN_CONFIG',
        entry.keyAt,
        `The module "${definition.name}" has no config "${entry.key}".`,
        suggestNearest(
          entry.key,
          entry.value.kind === 'map' ? GROUPS : [],
          suggestName(entry.key, [...specs.keys()], `\`pype list-modules ${definition.name}\` shows its configs`),
        ),
      )
      continue
    }
    const value = readValue(entry.value, spec)
    read.set(entry.key, value)
    checkValue(entry, spec, value, findings)
    if (spec.type === 'connection') warnOfPassword(entry, value, findings)
  }
  let isWhole = true
  for (const name of Object.keys(required)) {
    if (read.has(name)) continue
    isWhole = false
    findings.error(
      'CONFIG_MISSING',
      use.idAt,
      `The node "${use.id}" lacks the config "${name}" that "${definition.name}" requires.`,
      `add \`${name}: ${JSON.stringify(required[name]?.example)}\``,
    )
  }
  if (isWhole) checkTogether(use, definition, read, findings)
  return Object.fromEntries(read)
}

function checkValue(entry: FlowEntry, spec: ConfigSpec, value: Json, findings: Findings): void {
  const inexact = findInexact(entry.value, value)
  if (inexact !== undefined) {
    findings.error(
      'NUMBER_INEXACT',
      inexact.at,
      `The config "${entry.key}" has the number ${inexact.plain}, which cannot be kept exactly.`,
      'put it in quotes if a text will do',
    )
    return
  }
  // What a template will yield is only known when the flow runs; in SQL it is one value, whatever it is.
  if (containsTemplate(value) && !isWrittenSql(spec, value)) {
    if (spec.fixed === true) {
      findings.error(
        'CONFIG_TYPE',
        entry.value.at,
        `The config "${entry.key}" must be known when the flow is built.`,
        'write its value without a template',
      )
    }
    return
  }
  const fault = checkConfigValue(spec, value)
  if (fault !== undefined)
    findings.error('CONFIG_TYPE', entry.value.at, `The config "${entry.key}" has a wrong value: ${fault}.`, wayOut(entry, spec, value))
}

function wayOut({ key }: FlowEntry, spec: ConfigSpec, value: Json): string {
  const example = `for example \`${key}: ${JSON.stringify(spec.example)}\``
  if (spec.type === 'connection') return explainConnection(value) ?? example
  // In braces YAML ends a value at a comma.
  const isCut = isObject(value) && Object.entries(value).some(([name, part]) => part === null && /^[^(]*\)$/.test(name))
  return isCut ? 'put a text that has a comma in it in quotes: "DECIMAL(9,2)"' : example
}

function explainConnection(value: Json): string | undefined {
  try {
    parseConnection(value)
    return undefined
  } catch (error) {
    if (error instanceof ConnectionFault) return error.hint
    throw error
  }
}

function isWrittenSql(spec: ConfigSpec, value: Json): boolean {
  return typeof value === 'string' ? spec.type === 'sql' : spec.of === 'sql'
}

function checkTogether(use: FlowModule, definition: ModuleDefinition, read: ReadonlyMap<string, Json>, findings: Findings): void {
  if (definition.check === undefined) return
  const known = Object.fromEntries([...read].filter(([, value]) => !containsTemplate(value)))
  const given = [...read].flatMap(([name, value]) => (value === null ? [] : [name]))
  // The check trusts the types, so it only sees configs that have them.
  const specs = { ...definition.config.required, ...definition.config.optional }
  if (Object.entries(known).some(([name, value]) => specs[name] !== undefined && checkConfigValue(specs[name], value) !== undefined)) return
  const at = use.configs[0]?.keyAt ?? use.idAt
  for (const fault of definition.check(known, given)) {
    findings.error(
      'CONFIG_INVALID',
      at,
      `The configs of "${use.id}" do not go together: ${fault.replace(/\.$/, '')}.`,
      `\`pype list-modules ${definition.name}\` explains them`,
    )
  }
}

/** The value with scalars kept as they are written wherever the config takes a text and not what YAML makes of them. */
function readValue(value: FlowValue, spec: ConfigSpec): Json {
  const types = typesOf(spec)
  if (value.kind === 'scalar')
    return readScalar(
      value,
      types,
      (read) => checkConfigValue({ ...spec, type: types.filter((type) => !TEXT_TYPES.has(type)) }, read) === undefined,
    )
  return readInner(value, innerTypes(value, types, spec))
}

function innerTypes(value: FlowValue, types: readonly ConfigType[], { of }: ConfigSpec): readonly ConfigType[] {
  // A password may look like a number.
  if (types.includes('connection')) return ['str']
  if (types.includes('columns') && value.kind === 'list') return ['column']
  return of === undefined ? [] : [of]
}

function readInner(value: FlowValue, types: readonly ConfigType[]): Json {
  if (value.kind === 'scalar') return readScalar(value, types, () => false)
  if (value.kind === 'list') return value.items.map((item) => readInner(item, types))
  return Object.fromEntries(value.entries.map((entry) => [entry.key, readInner(entry.value, types)]))
}

function readScalar(value: Extract<FlowValue, { kind: 'scalar' }>, types: readonly ConfigType[], fitsOther: (read: Json) => boolean): Json {
  const takesText = types.some((type) => TEXT_TYPES.has(type))
  // Nothing at all (`key:`) is no text.
  if (!takesText || value.plain === undefined || value.plain === '') return value.value
  const hasOther = types.some((type) => !TEXT_TYPES.has(type))
  return hasOther && value.inexact !== true && fitsOther(value.value) ? value.value : value.plain
}

/** The first number of a value that was not kept as a text and is not exact. */
function findInexact(value: FlowValue, read: Json): Extract<FlowValue, { kind: 'scalar' }> | undefined {
  if (value.kind === 'scalar') return value.inexact === true && typeof read !== 'string' ? value : undefined
  const children = value.kind === 'list' ? value.items : value.entries.map((entry) => entry.value)
  const parts = typeof read === 'object' && read !== null ? Object.values(read) : []
  for (const [i, child] of children.entries()) {
    const found = findInexact(child, parts[i] ?? null)
    if (found !== undefined) return found
  }
  return undefined
}
