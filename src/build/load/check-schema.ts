import type { ErrorObject, ValidateFunction } from 'ajv'
import type { FlowEntry, FlowValue } from '../../core/flow.js'
import { groupBy } from '../../core/group-by.js'
import type { TextSpan } from '../../core/source-text.js'
import { loadSchemaCheck } from '../../registry/schema-check.js'
import { type Findings, suggestName } from '../findings.js'
import type { FileShape } from './file-shape.js'
import { toJson } from './flow-value.js'
import { findMeantKey, renameKey } from './meant-keys.js'
import {
  capitalise,
  describeExpected,
  describeFound,
  exampleOf,
  isListOrNothing,
  joinWords,
  propertiesOf,
  stepsOf,
} from './schema-words.js'

const checks = new Map<FileShape, ValidateFunction>()

/**
 * Checks what a file says against the schema of its shape and reports each fault at its place. Returns the file with keys that are
 * nearly right read as what was meant: one of them is one fault, and not also all that the file then seems to lack.
 */
export function checkSchema(root: FlowValue, shape: FileShape, findings: Findings): FlowValue {
  const validate = checks.get(shape) ?? loadSchemaCheck(shape.schema)
  checks.set(shape, validate)
  let meant = root
  let errors = faultsOf(meant, validate)
  // What stands below a misspelt key is only checked under its right name, so a pass may bring others to light.
  for (
    let renamed = readMisspelt(meant, errors, shape, findings);
    renamed !== meant;
    renamed = readMisspelt(meant, errors, shape, findings)
  ) {
    meant = renamed
    errors = faultsOf(meant, validate)
  }
  for (const error of errors) {
    if (error.keyword !== 'required' && shape.isCheckedElsewhere?.(error.instancePath, error.keyword) !== true)
      reportFault(error, meant, shape, findings)
  }
  const lacking = errors.filter(({ keyword }) => keyword === 'required')
  for (const inOneMap of groupBy(lacking, ({ instancePath }) => instancePath).values()) reportLacking(inOneMap, meant, shape, findings)
  return meant
}

function faultsOf(root: FlowValue, validate: ValidateFunction): readonly ErrorObject[] {
  return validate(toJson(root)) ? [] : [...(validate.errors ?? [])]
}

/** Reports the unknown keys that mean a known one, and gives them its name; the same root when there are none. */
function readMisspelt(root: FlowValue, errors: readonly ErrorObject[], shape: FileShape, findings: Findings): FlowValue {
  let read = root
  for (const error of errors) {
    if (error.keyword !== 'additionalProperties') continue
    const { value } = follow(read, stepsOf(error))
    const key = unknownKey(error)
    const right = findMeantKey(value, key, propertiesOf(error))
    if (right === undefined) continue
    reportUnknownKey(error, value, `did you mean "${right}"?`, shape, findings)
    read = renameKey(read, stepsOf(error), key, right)
  }
  return read
}

function reportFault(error: ErrorObject, root: FlowValue, shape: FileShape, findings: Findings): void {
  const steps = stepsOf(error)
  const { value, entry } = follow(root, steps)
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys(propertiesOf(error))
    reportUnknownKey(error, value, suggestName(unknownKey(error), known, `known are: ${known.join(', ')}`), shape, findings)
    return
  }
  findings.error(
    'SCHEMA',
    headOf(value, entry),
    `${capitalise(steps.length === 0 ? 'the file' : shape.describePath(steps))} has to be ${describeExpected(error)}, found ${describeFound(value)}.`,
    wayOut(error, value, steps.at(-1), shape),
  )
}

function reportUnknownKey(error: ErrorObject, map: FlowValue, hint: string, shape: FileShape, findings: Findings): void {
  const key = unknownKey(error)
  const steps = stepsOf(error)
  const at = map.kind === 'map' ? map.entries.find((candidate) => candidate.key === key)?.keyAt : undefined
  const where = steps.length === 0 ? 'here' : `in ${shape.describePath(steps)}`
  findings.error('UNKNOWN_KEY', at ?? map.at, `The key ${JSON.stringify(key)} is not known ${where}.`, hint)
}

/** All keys that one map lacks are one finding. */
function reportLacking(errors: readonly ErrorObject[], root: FlowValue, shape: FileShape, findings: Findings): void {
  const [first] = errors
  if (first === undefined) return
  const keys = errors.map(({ params }) => String(params.missingProperty))
  const steps = stepsOf(first)
  const { value, entry } = follow(root, steps)
  const examples = keys.flatMap((key) => exampleOf(propertiesOf(first)[key], key) ?? [])
  const none = keys.every((key) => isListOrNothing(propertiesOf(first)[key]))
    ? `, or ${joinWords(keys.map((key) => `\`${key}: []\``))} where there are none`
    : ''
  findings.error(
    'SCHEMA',
    headOf(value, entry),
    `${steps.length === 0 ? 'The file' : capitalise(shape.describePath(steps))} lacks the ${keys.length === 1 ? 'key' : 'keys'} ${joinWords(keys.map((key) => `\`${key}\``))}.`,
    examples.length === 0 ? `docs/${shape.page} explains them` : `for example ${joinWords(examples)}${none}`,
  )
}

function unknownKey({ params }: ErrorObject): string {
  return String(params.additionalProperty)
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

/** The nearest allowed value, an example, or where the key is explained. The file as a whole has keys. */
function wayOut(error: ErrorObject, value: FlowValue, key: string | undefined, shape: FileShape): string {
  if (key === undefined) return shape.hint
  const example = exampleOf(error.parentSchema, key)
  const hint = example === undefined ? `docs/${shape.page} explains the key` : `for example ${example}`
  const params: { readonly [name: string]: unknown } = error.params
  if (error.keyword !== 'enum' || value.kind !== 'scalar') return hint
  return suggestName(String(value.value), [params.allowedValues].flat().map(String), hint)
}
