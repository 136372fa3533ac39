import { nearest } from '../core/errors.js'
import { isObject } from '../core/json.js'
import { hasTemplate } from '../core/template.js'
import type { ConfigSpec, ConfigType } from '../sdk/define-module.js'
import { checkConfigValue } from './config-check.js'

const TYPES: readonly string[] = [
  'str',
  'int',
  'float',
  'bool',
  'list',
  'dict',
  'enum',
  'path',
  'sql',
  'column',
  'columns',
  'secret',
  'command',
  'connection',
] satisfies ConfigType[]
const KEYS: readonly string[] = [
  'type',
  'description',
  'example',
  'default',
  'values',
  'of',
  'typedBy',
  'min',
  'max',
  'pattern',
  'expression',
  'fixed',
  'cursor',
  'again',
] satisfies (keyof ConfigSpec)[]

type Unchecked = { readonly [key: string]: unknown }

/** A fault for each key of an object that is not known there. */
export function findUnknownKeys(object: Unchecked, known: readonly string[]): string[] {
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const near = nearest(key, known)
      return `unknown key \`${key}\`${near === undefined ? '' : `: did you mean \`${near}\`?`}`
    })
}

/** All that is wrong with the `config` of a module, one text each. */
export function findConfigFaults(config: unknown): readonly string[] {
  if (!isObject(config) || !isObject(config.required) || !isObject(config.optional)) {
    return ['`config` must be { required: { … }, optional: { … } }']
  }
  const { required, optional } = config
  const twice = Object.keys(required).filter((name) => name in optional)
  return [
    ...twice.map((name) => `the config "${name}" is both required and optional`),
    ...Object.entries(required).flatMap(([name, spec]) => findSpecFaults(name, spec, true)),
    ...Object.entries(optional).flatMap(([name, spec]) => findSpecFaults(name, spec, false)),
  ]
}

function findSpecFaults(name: string, spec: unknown, required: boolean): string[] {
  if (!isObject(spec)) return [`the config "${name}" must be an object with \`type\`, \`description\` and \`example\``]
  const faults = findShapeFaults(spec, required)
  if (!/^[a-z][a-z0-9_]*$/.test(name)) faults.push('the name must be lower-case letters, digits and `_`')
  // Only a sound spec can check values.
  if (faults.length === 0 && isSpec(spec)) faults.push(...findValueFaults(spec))
  return faults.map((fault) => `the config "${name}": ${fault}`)
}

function findShapeFaults(spec: Unchecked, required: boolean): string[] {
  const faults = findUnknownKeys(spec, KEYS)
  const types: readonly unknown[] = Array.isArray(spec.type) ? spec.type : [spec.type]
  if (types.length === 0 || !types.every(isType)) faults.push(`\`type\` must be one or several of ${TYPES.join(', ')}`)
  if (typeof spec.description !== 'string' || spec.description.trim() === '') faults.push('`description` must be a text')
  if (spec.example === undefined) faults.push('`example` is missing')
  if (required && spec.default !== undefined) faults.push('a required config has no `default`')
  if (types.includes('enum') !== isTextList(spec.values)) faults.push('`values` must list the texts of an `enum`, and only of an `enum`')
  if (spec.of !== undefined && (!isType(spec.of) || spec.of === 'enum')) faults.push('`of` must be the type of the elements')
  if (spec.of !== undefined && !types.includes('list') && !types.includes('dict')) faults.push('`of` belongs to a `list` or a `dict`')
  if (spec.expression !== undefined && (spec.expression !== true || (!types.includes('sql') && spec.of !== 'sql')))
    faults.push('`expression` is true, and belongs to an `sql`')
  if (spec.cursor !== undefined && spec.cursor !== true) faults.push('`cursor` is true or absent')
  if (spec.again !== undefined && spec.again !== true) faults.push('`again` is true or absent')
  return [...faults, ...findLimitFaults(spec, types)]
}

function findLimitFaults({ min, max, pattern }: Unchecked, types: readonly unknown[]): string[] {
  const faults: string[] = []
  const limits = [min, max].filter((limit) => limit !== undefined)
  if (!limits.every((limit) => typeof limit === 'number')) faults.push('`min` and `max` must be numbers')
  else if (limits.length > 0 && !types.includes('int') && !types.includes('float'))
    faults.push('`min` and `max` belong to an `int` or a `float`')
  if (typeof min === 'number' && typeof max === 'number' && min > max) faults.push('`min` is greater than `max`')
  if (pattern === undefined) return faults
  if (!isObject(pattern) || typeof pattern.regex !== 'string' || typeof pattern.expected !== 'string')
    return [...faults, '`pattern` must be { regex, expected }']
  if (!isRegExp(pattern.regex)) faults.push('`pattern.regex` is not a regular expression')
  if (!types.includes('str')) faults.push('`pattern` belongs to a `str`')
  return faults
}

function findValueFaults(spec: ConfigSpec): string[] {
  const faults: string[] = []
  // A connection is best shown as it is used: it stands in the context.
  const isTemplate = spec.type === 'connection' && typeof spec.example === 'string' && hasTemplate(spec.example)
  const exampleFault = isTemplate ? undefined : checkConfigValue(spec, spec.example)
  if (exampleFault !== undefined) faults.push(`its example does not pass: ${exampleFault}`)
  const defaultFault = spec.default === undefined ? undefined : checkConfigValue(spec, spec.default)
  if (defaultFault !== undefined) faults.push(`its default does not pass: ${defaultFault}`)
  return faults
}

/** Called when no fault of the shape was found. */
function isSpec(spec: Unchecked): spec is Unchecked & ConfigSpec {
  return spec.type !== undefined
}

function isType(value: unknown): boolean {
  return typeof value === 'string' && TYPES.includes(value)
}

function isRegExp(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp
  } catch {
    return false // What `new RegExp` throws on is what is asked here.
  }
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((element) => typeof element === 'string')
}
