import { ConnectionFault } from '../../core/database-connection/fault.js'
import { parseConnection } from '../../core/database-connection/spec.js'
import { nearest } from '../../core/errors.js'
import type { FlowEntry, FlowModule, FlowValue } from '../../core/flow.js'
import { isObject, type Json, type JsonObject } from '../../core/json.js'
import { suggestNearest } from '../../core/suggest.js'
import { containsTemplate } from '../../core/template.js'
import { checkConfigValue, typesOf } from '../../registry/config-check.js'
import type { ConfigSpec, ConfigType, ModuleDefinition } from '../../sdk/define-module.js'
import { type Findings, suggestName } from '../findings.js'
import { toJsonObject } from '../load/flow-value.js'
import { GROUPS } from '../load/load-configs.js'
import { findMeantConfigs } from './meant-configs.js'
import { readTypedRows } from './typed-rows.js'
import { warnOfPassword } from './warn-of-password.js'

/** Types that take a scalar as it is written in the file. */
const TEXT_TYPES: ReadonlySet<ConfigType> = new Set(['str', 'path', 'sql', 'column', 'secret', 'enum', 'command'])

/** The configs of a node. */
export interface ReadConfigs {
  /** As they go into the dag. */
  readonly configs: JsonObject
  /** False where something is wrong with them that no guess mends: what they seem to say may not be what is meant. */
  readonly areSound: boolean
}

/** Checks the configs of a node against its module. One whose name is nearly right is read as what was meant. */
export function readConfigs(use: FlowModule, definition: ModuleDefinition | undefined, findings: Findings): ReadConfigs {
  if (definition === undefined) return { configs: toJsonObject(use.configs), areSound: false }
  const { required, optional } = definition.config
  const specs = new Map(Object.entries({ ...required, ...optional }))
  const meant = findMeantConfigs(use, definition)
  const before = findings.errorCount
  const read = new Map<string, Json>()
  for (const written of use.configs) {
    const name = specs.has(written.key) ? written.key : meant.get(written.key)
    if (name !== written.key) reportUnknown(written, name, definition, findings)
    const spec = specs.get(name ?? '')
    if (name === undefined || spec === undefined) continue
    const entry = { ...written, key: name }
    const typedBy = use.configs.find(({ key }) => key === spec.typedBy)
    const value = spec.typedBy === undefined ? readValue(entry.value, spec) : readTypedRows(entry.value, typedBy)
    read.set(name, value)
    checkValue(entry, spec, value, findings)
    if (spec.type === 'connection') warnOfPassword(entry, value, findings)
  }
  const missing = Object.keys(required).filter((name) => !read.has(name))
  // Those that lack may stand in a map whose name is misspelt.
  const hasGroup = use.configs.some(({ key, value }) => !specs.has(key) && value.kind === 'map' && nearest(key, GROUPS) !== undefined)
  if (use.configsAreWhole && !hasGroup) for (const name of missing) reportMissing(name, use, definition, findings)
  if (missing.length === 0) checkTogether(use, definition, read, findings)
  return { configs: Object.fromEntries(read), areSound: missing.length === 0 && findings.errorCount === before + meant.size }
}

function reportUnknown(
  { key, keyAt, value }: FlowEntry,
  meant: string | undefined,
  definition: ModuleDefinition,
  findings: Findings,
): void {
  const known = Object.keys({ ...definition.config.required, ...definition.config.optional })
  findings.error(
    'UNKNOWN_CONFIG',
    keyAt,
    `The module "${definition.name}" has no config "${key}".`,
    meant === undefined
      ? suggestNearest(
          key,
          value.kind === 'map' ? GROUPS : [],
          suggestName(key, known, `\`pype list-modules ${definition.name}\` shows its configs`),
        )
      : `did you mean "${meant}"?`,
  )
}

function reportMissing(name: string, use: FlowModule, definition: ModuleDefinition, findings: Findings): void {
  findings.error(
    'CONFIG_MISSING',
    use.idAt,
    `The node "${use.id}" lacks the config "${name}" that "${definition.name}" requires.`,
    `add \`${name}: ${JSON.stringify(definition.config.required[name]?.example)}\``,
  )
}

function checkValue(entry: FlowEntry, spec: ConfigSpec, value: Json, findings: Findings): void {
  const inexact = findInexact(entry.value, value)
  if (inexact !== undefined) {
    findings.error(
      'NUMBER_INEXACT',
      inexact.at,
      `The config "${entry.key}" has the number ${inexact.plain}, which cannot be kept exactly.`,
      spec.typedBy === undefined
        ? 'put it in quotes if a text will do'
        : `give its type in \`${spec.typedBy}\`, or put it in quotes if a text will do`,
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
