import type { ErrorObject } from 'ajv'
import type { FlowValue } from '../../core/flow.js'

/** The schemas of the keys of a map, by name. */
export interface SchemaProperties {
  readonly [key: string]: unknown
}

/** The keys and indexes that lead to the value that a fault is about. */
export function stepsOf({ instancePath }: ErrorObject): readonly string[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** What the schema says about the keys of the map that a fault is about. */
export function propertiesOf(error: ErrorObject): SchemaProperties {
  const properties: unknown = error.parentSchema?.properties
  return typeof properties === 'object' && properties !== null ? { ...properties } : {}
}

/** What the schema expects, to stand behind `has to be`. */
export function describeExpected(error: ErrorObject): string {
  const schema: { readonly [key: string]: unknown } = error.parentSchema ?? {}
  const params: { readonly [name: string]: unknown } = error.params
  const stated = schema['x-expected']
  if (typeof stated === 'string') return stated
  switch (error.keyword) {
    case 'type':
      return [params.type]
        .flat()
        .filter((type) => type !== 'null')
        .map((type) => TYPES[String(type)] ?? String(type))
        .join(' or ')
    case 'enum':
      return `one of ${[params.allowedValues].flat().join(', ')}`
    case 'minimum':
      return `at least ${params.limit}`
    case 'maximum':
      return `at most ${params.limit}`
    case 'exclusiveMinimum':
      return `more than ${params.limit}`
    case 'minLength':
      return 'a text that is not empty'
    case 'maxLength':
      return `at most ${params.limit} characters long`
    case 'minItems':
      return `a list with at least ${params.limit} ${params.limit === 1 ? 'item' : 'items'}`
    default:
      return error.message ?? error.keyword
  }
}

const TYPES: { readonly [type: string]: string } = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
}

/** What stands in the file, to stand behind `found`. */
export function describeFound(value: FlowValue): string {
  if (value.kind !== 'scalar') return value.kind === 'list' ? `a list of ${value.items.length}` : 'a map'
  if (value.value === null) return 'no value'
  if (typeof value.value === 'string')
    return `the text ${JSON.stringify(value.value.length > 60 ? `${value.value.slice(0, 60)}…` : value.value)}`
  return typeof value.value === 'number' ? `the number ${value.plain ?? value.value}` : String(value.value)
}

/** A key as a file may have it; undefined for a schema without an example. */
export function exampleOf(schema: unknown, key: string): string | undefined {
  if (typeof schema !== 'object' || schema === null || !('examples' in schema) || !Array.isArray(schema.examples)) return undefined
  const example: unknown = schema.examples[0]
  return `\`${key}: ${JSON.stringify(example)}\``
}

/** `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** The text with its first letter in upper case. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Whether a key that has to be written may hold nothing. */
export function isListOrNothing(schema: unknown): boolean {
  const types: unknown = typeof schema === 'object' && schema !== null && 'type' in schema ? schema.type : undefined
  return Array.isArray(types) && types.includes('array') && types.includes('null')
}
