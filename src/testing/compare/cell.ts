import { toJson } from '../../build/load/flow-value.js'
import type { FlowValue } from '../../core/flow.js'
import { isObject } from '../../core/json.js'
import type { ColumnKind } from './column-kind.js'

/** A value: values with equal keys are equal. Null: NULL. */
export interface Cell {
  readonly key: string | null
  /** For people, and for a file that is written. */
  readonly text: string | null
}

/** A value that was found, from its text. */
export function readFound(text: string | null, kind: ColumnKind): Cell {
  return { key: text === null ? null : keyOf(text, kind), text }
}

/** What a value of a test file says as a text: a scalar as it is written, a list or a map as JSON. */
export function writtenText(value: FlowValue): string | null {
  if (value.kind !== 'scalar') return JSON.stringify(toJson(value))
  if (value.value === null) return null
  return typeof value.value === 'string' ? value.value : (value.plain ?? String(value.value))
}

/** What two texts of a kind have alike when they mean the same value. A text that is no value of the kind stays itself. */
export function keyOf(text: string, kind: ColumnKind): string {
  switch (kind) {
    case 'exact number':
      return exactNumber(text) ?? text
    case 'double':
      return double(text, (value) => value)
    case 'float':
      return double(text, Math.fround)
    case 'boolean':
      return text.toLowerCase()
    case 'json':
      return sortedJson(text)
    default:
      return text
  }
}

/** A number as `[-]digits[.digits]` without zeros that mean nothing; undefined for what is none. */
function exactNumber(text: string): string | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text.trim()) ?? []
  if (whole === '' && fraction === '') return undefined
  const shift = Number(exponent)
  const digits = whole + fraction
  const point = whole.length + shift
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0')
  const at = Math.max(point, 0)
  const before = padded.slice(0, at).replace(/^0+/, '') || '0'
  const after = padded.slice(at).replace(/0+$/, '')
  const number = after === '' ? before : `${before}.${after}`
  return number === '0' ? '0' : `${sign === '-' ? '-' : ''}${number}`
}

function double(text: string, round: (value: number) => number): string {
  const value = Number(text)
  // As the engine writes them: nan, inf, -inf.
  return text.trim() === '' || Number.isNaN(value) ? text.toLowerCase() : String(round(value) + 0)
}

function sortedJson(text: string): string {
  try {
    return JSON.stringify(sortKeys(JSON.parse(text)))
  } catch {
    return text // No JSON: it is equal to nothing but itself.
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sortKeys(each)]),
  )
}
