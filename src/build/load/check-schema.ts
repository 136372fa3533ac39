import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { FlowEntry, FlowValue } from '../../core/flow.js'
import type { TextSpan } from '../../core/source-text.js'
import { packageFolder } from '../../registry/registry.js'
import { type Findings, suggestName } from '../findings.js'
import type { FileShape } from './file-shape.js'
import { toJson } from './flow-value.js'

const compiled = new Map<FileShape, ValidateFunction>()

/** Checks what a file says against the schema of its shape and reports each fault at its place. */
export function checkSchema(root: FlowValue, shape: FileShape, findings: Findings): void {
  const validate = compiled.get(shape) ?? compileSchema(shape)
  compiled.set(shape, validate)
  if (validate(toJson(root))) return
  for (const error of validate.errors ?? []) {
    if (shape.isCheckedElsewhere?.(error.instancePath, error.keyword) !== true) reportSchemaError(error, root, shape, findings)
  }
}

function compileSchema({ schema }: FileShape): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true, strictTypes: false, strictRequired: false })
  ajv.addVocabulary(['x-expected'])
  return ajv.compile(JSON.parse(readFileSync(path.join(packageFolder(), 'schema', `${schema}.schema.json`), 'utf8')))
}

function reportSchemaError(error: ErrorObject, root: FlowValue, shape: FileShape, findings: Findings): void {
  const steps = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const { value, entry } = follow(root, steps)
  const where = steps.length === 0 ? '' : shape.describePath(steps)
  const params: { readonly [name: string]: unknown } = error.params
  if (error.keyword === 'additionalProperties') {
    const key = String(params.additionalProperty)
    const at = value.kind === 'map' ? value.entries.find((candidate) => candidate.key === key)?.keyAt : undefined
    findings.error(
      'UNKNOWN_KEY',
      at ?? value.at,
      `The key ${JSON.stringify(key)} is not known ${where === '' ? 'here' : `in ${where}`}.`,
      suggestName(key, knownKeys(error), `known are: ${knownKeys(error).join(', ')}`),
    )
    return
  }
  if (error.keyword === 'required') {
    const missing = String(params.missingProperty)
    findings.error(
      'SCHEMA',
      headOf(value, entry),
      `${where === '' ? 'The file' : capitalise(where)} lacks the key \`${missing}\`.`,
      hintOf(error, missing, shape),
    )
    return
  }
  const expected = expectationOf(error, params)
  findings.error(
    'SCHEMA',
    headOf(value, entry),
    `${capitalise(where === '' ? 'the file' : where)} has to be ${expected}, found ${describe(value)}.`,
    wayOut(error, value, steps.at(-1), shape),
  )
}

function follow(root: FlowValue, steps: readonly string[]): { readonly value: FlowValue; readonly entry: FlowEntry | undefined } {
  let value = root
  let entry: FlowEntry | undefined
  for (const step of steps) {
    if (value.kind === 'list') {
      const item = value.items[Number(step)]
      if (item === undefined) break
      value = item
    } else if (value.kind === 'map') {
      entry = value.entries.find((candidate) => candidate.key === step)
      if (entry === undefined) break
      value = entry.value
    }
  }
  return { value, entry }
}

/** A scalar itself; of a longer value its key, or its first one. */
function headOf(value: FlowValue, entry: FlowEntry | undefined): TextSpan {
  if (value.kind === 'scalar') return value.at
  if (value.kind === 'map' && value.entries[0] !== undefined) return value.entries[0].keyAt
  return entry?.keyAt ?? { offset: value.at.offset, length: 1 }
}

function expectationOf(error: ErrorObject, params: { readonly [name: string]: unknown }): string {
  const schema: { readonly [key: string]: unknown } = error.parentSchema ?? {}
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

function describe(value: FlowValue): string {
  if (value.kind !== 'scalar') return value.kind === 'list' ? `a list of ${value.items.length}` : 'a map'
  if (value.value === null) return 'no value'
  if (typeof value.value === 'string')
    return `the text ${JSON.stringify(value.value.length > 60 ? `${value.value.slice(0, 60)}…` : value.value)}`
  return typeof value.value === 'number' ? `the number ${value.plain ?? value.value}` : String(value.value)
}

function knownKeys(error: ErrorObject): readonly string[] {
  return Object.keys(propertiesOf(error))
}

function hintOf(error: ErrorObject, key: string, shape: FileShape): string | undefined {
  return exampleHint(propertiesOf(error)[key], key, shape)
}

/** The nearest allowed value, an example, or where the key is explained. */
function wayOut(error: ErrorObject, value: FlowValue, key: string | undefined, shape: FileShape): string {
  const example = exampleHint(error.parentSchema, key, shape) ?? `docs/${shape.page} explains the key`
  const params: { readonly [name: string]: unknown } = error.params
  if (error.keyword !== 'enum' || value.kind !== 'scalar') return example
  return suggestName(String(value.value), [params.allowedValues].flat().map(String), example)
}

/** Undefined for a schema without an example. The file as a whole has keys. */
function exampleHint(schema: unknown, key: string | undefined, shape: FileShape): string | undefined {
  if (key === undefined) return shape.hint
  if (typeof schema !== 'object' || schema === null || !('examples' in schema) || !Array.isArray(schema.examples)) return undefined
  const example: unknown = schema.examples[0]
  return `for example \`${key}: ${JSON.stringify(example)}\``
}

function propertiesOf(error: ErrorObject): { readonly [key: string]: unknown } {
  const properties: unknown = error.parentSchema?.properties
  return typeof properties === 'object' && properties !== null ? { ...properties } : {}
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
