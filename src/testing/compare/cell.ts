import { engineNumber } from '../load/written-value.js'
import type { ColumnKind } from './column-kind.js'
import { keyOfJson } from './exact-json.js'
import { exactNumber } from './exact-number.js'

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
    case 'nested':
      return keyOfJson(text)
    default:
      return text
  }
}

/** What is no number or has no end is written as the engine does: nan, inf, -inf. */
function double(text: string, round: (value: number) => number): string {
  const written = engineNumber(text.trim())
    .toLowerCase()
    .replace('infinity', 'inf')
    .replace(/^\+(?=inf)/, '')
  const value = Number(written)
  return written === '' || Number.isNaN(value) ? written : String(round(value) + 0)
}
