import { findConnectionFault } from '../core/database-connection/spec.js'
import { isObject } from '../core/json.js'
import { findSqlFault } from '../core/sql-fault.js'
import type { ConfigSpec, ConfigSpecs, ConfigType } from '../sdk/define-module.js'

/**
 * Says in plain words why a value does not fit its config (`expected a whole number, got the text "ten"`), or returns
 * undefined when it fits. Templates must have been rendered before. No value of a secret stands in the text.
 */
export function checkConfigValue(spec: ConfigSpec, value: unknown): string | undefined {
  if (value === null && spec.default === null) return undefined
  const types = typesOf(spec)
  const faults: string[] = []
  for (const type of types) {
    const fault = findFault(spec, type, value)
    if (fault === undefined) return undefined
    faults.push(fault)
  }
  // The type that the value resembles has the better story: a list with one wrong element, a number out of range.
  const alike = types.findIndex((type) => resembles(type, value))
  const got = faults[alike] ?? describeValue(value, types.includes('secret') || types.includes('connection'))
  return `expected ${types.map((type) => describeType(spec, type)).join(' or ')}, got ${got}`
}

/** The type that a value is taken as: the first of the config's types that it fits. */
export function matchConfigType(spec: ConfigSpec, value: unknown): ConfigType | undefined {
  return typesOf(spec).find((type) => findFault(spec, type, value) === undefined)
}

/** What a config takes, in words: `a text or a list of texts`. */
export function describeConfig(spec: ConfigSpec): string {
  return typesOf(spec)
    .map((type) => describeType(spec, type))
    .join(' or ')
}

/** The spec of a config by its name; undefined for names that every object has too (`constructor`). */
export function findConfigSpec({ required, optional }: ConfigSpecs, name: string): ConfigSpec | undefined {
  if (Object.hasOwn(required, name)) return required[name]
  return Object.hasOwn(optional, name) ? optional[name] : undefined
}

/** The types that a config allows, in order. */
export function typesOf(spec: ConfigSpec): readonly ConfigType[] {
  return typeof spec.type === 'string' ? [spec.type] : spec.type
}

/** What was found in place of a value of this type, or undefined when the value fits. */
function findFault(spec: ConfigSpec, type: ConfigType, value: unknown): string | undefined {
  if (type === 'list') return findListFault(spec, value)
  if (type === 'dict') return findDictFault(spec, value)
  if (type === 'columns')
    return Array.isArray(value) ? findListElementFault(value, (element) => findFault(spec, 'column', element)) : describeValue(value)
  if (type === 'connection') return findConnectionFault(value)
  if (type === 'sql' && fitsScalar(spec, type, value)) return findTextFault(spec, String(value))
  return fitsScalar(spec, type, value) ? undefined : describeValue(value, type === 'secret')
}

function findListFault(spec: ConfigSpec, value: unknown): string | undefined {
  if (!Array.isArray(value)) return describeValue(value)
  const { of } = spec
  return of === undefined ? undefined : findListElementFault(value, (element) => findElementOf(spec, of, element))
}

function findTextFault({ expression }: ConfigSpec, text: string): string | undefined {
  const fault = findSqlFault(text, expression === true)
  return fault && `${describeText(text)}, where ${fault}`
}

function findDictFault(spec: ConfigSpec, value: unknown): string | undefined {
  if (!isObject(value)) return describeValue(value)
  const { of } = spec
  if (of === undefined) return undefined
  for (const [key, element] of Object.entries(value)) {
    const fault = findElementOf(spec, of, element)
    if (fault !== undefined) return `${fault} for ${JSON.stringify(key)}`
  }
  return undefined
}

function findListElementFault(list: readonly unknown[], find: (element: unknown) => string | undefined): string | undefined {
  for (const [i, element] of list.entries()) {
    const fault = find(element)
    if (fault !== undefined) return `${fault} at position ${i + 1}`
  }
  return undefined
}

function findElementOf({ expression }: ConfigSpec, type: ConfigType, value: unknown): string | undefined {
  return findFault({ type, description: '', example: null, ...(expression === undefined ? {} : { expression }) }, type, value)
}

function fitsScalar(spec: ConfigSpec, type: ConfigType, value: unknown): boolean {
  switch (type) {
    case 'int':
      return Number.isSafeInteger(value) && isInRange(spec, value)
    case 'float':
      return Number.isFinite(value) && isInRange(spec, value)
    case 'bool':
      return typeof value === 'boolean'
    case 'enum':
      return typeof value === 'string' && (spec.values ?? []).includes(value)
    case 'str':
      return typeof value === 'string' && (spec.pattern === undefined || new RegExp(`^(?:${spec.pattern.regex})$`, 'u').test(value))
    case 'secret':
      return typeof value === 'string'
    default:
      return typeof value === 'string' && value.trim() !== ''
  }
}

function isInRange(spec: ConfigSpec, value: unknown): boolean {
  return typeof value === 'number' && value >= (spec.min ?? -Infinity) && value <= (spec.max ?? Infinity)
}

function resembles(type: ConfigType, value: unknown): boolean {
  if (type === 'list' || type === 'columns') return Array.isArray(value)
  if (type === 'dict') return isObject(value)
  if (type === 'int' || type === 'float') return typeof value === 'number'
  if (type === 'connection') return typeof value === 'string' || isObject(value)
  return typeof value === 'string'
}

function describeType(spec: ConfigSpec, type: ConfigType): string {
  if (type === 'list' || type === 'dict') {
    const container = type === 'list' ? 'a list' : 'a map'
    if (spec.of === undefined) return container
    return `${container} of ${spec.of === 'sql' && spec.expression ? 'SQL expressions' : PLURALS[spec.of]}`
  }
  if (type === 'sql' && spec.expression) return 'an SQL expression'
  if (type === 'enum') return `one of ${(spec.values ?? []).map((value) => JSON.stringify(value)).join(', ')}`
  if (type === 'str' && spec.pattern !== undefined) return spec.pattern.expected
  return type === 'int' || type === 'float' ? `${SINGULARS[type]}${describeRange(spec)}` : SINGULARS[type]
}

function describeRange({ min, max }: ConfigSpec): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  if (min !== undefined) return ` of at least ${min}`
  return max === undefined ? '' : ` of at most ${max}`
}

const SINGULARS: { readonly [T in Exclude<ConfigType, 'enum' | 'list' | 'dict'>]: string } = {
  str: 'a text',
  int: 'a whole number',
  float: 'a number',
  bool: 'true or false',
  path: 'a path',
  sql: 'an SQL text',
  column: 'the name of a column',
  columns: 'a list of column names',
  secret: 'a secret text',
  command: 'a command',
  connection: 'a connection to a database',
}

const PLURALS: { readonly [T in ConfigType]: string } = {
  str: 'texts',
  int: 'whole numbers',
  float: 'numbers',
  bool: 'true or false values',
  list: 'lists',
  dict: 'maps',
  enum: 'texts',
  path: 'paths',
  sql: 'SQL texts',
  column: 'column names',
  columns: 'lists of column names',
  secret: 'secret texts',
  command: 'commands',
  connection: 'connections to databases',
}

const LONGEST_TEXT = 60

function describeValue(value: unknown, secret = false): string {
  if (value === null || value === undefined) return 'no value'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (isObject(value)) return 'a map'
  if (typeof value === 'string') return secret ? 'a text' : describeText(value)
  if (typeof value === 'number' || typeof value === 'bigint') return secret ? 'a number' : `the number ${value}`
  return String(value)
}

function describeText(text: string): string {
  if (text.trim() === '') return 'an empty text'
  return `the text ${JSON.stringify(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text)}`
}
