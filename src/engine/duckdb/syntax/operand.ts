import { UNKNOWN_TEXT } from '../../unknown-text.js'
import { quoteName } from '../statement/literal.js'
import { fieldAt } from './syntax-tree.js'
import { type Family, familyOf } from './type-family.js'

/** Types by lower-case name of a column; undefined for a table whose columns are not known here. */
export type Table = ReadonlyMap<string, string> | undefined

/** Tables by lower-case name. */
export type Tables = ReadonlyMap<string, Table>

/** A column or a constant that is held against another one. */
export interface Operand {
  readonly family: Family
  /** Of the engine. */
  readonly type: string
  /** As a message names it. */
  readonly label: string
  /** Quoted; undefined for a constant. */
  readonly column?: string
  readonly constant?: unknown
  /** Where it stands, in bytes of the query. */
  readonly bytes: number | undefined
}

/** What a node of the engine's tree stands for; undefined for expressions, NULL, names that may mean several columns, and types of no family. */
export function readOperand(node: unknown, scope: Tables): Operand | undefined {
  const at = fieldAt(node, 'query_location')
  // The engine has the largest number of 64 bits where it knows no place.
  const bytes = typeof at === 'number' && Number.isSafeInteger(at) ? at : undefined
  if (fieldAt(node, 'class') === 'CONSTANT') return readConstant(fieldAt(node, 'value'), bytes)
  if (fieldAt(node, 'class') !== 'COLUMN_REF') return undefined
  const names = fieldAt(node, 'column_names')
  return Array.isArray(names) ? readColumn(names.map(String), scope, bytes) : undefined
}

/** The column that a name means. */
export function readColumn(names: readonly string[], scope: Tables, bytes: number | undefined): Operand | undefined {
  const type = typeOfColumn(names, scope)
  const family = type === undefined ? undefined : familyOf(type)
  if (type === undefined || family === undefined) return undefined
  return { family, type, label: `"${names.at(-1)}" (${type})`, column: names.map(quoteName).join('.'), bytes }
}

function readConstant(value: unknown, bytes: number | undefined): Operand | undefined {
  const type = String(fieldAt(value, 'type', 'id'))
  const family = fieldAt(value, 'is_null') === true ? undefined : familyOf(type)
  if (family === undefined) return undefined
  const constant = fieldAt(value, 'value')
  if (typeof constant === 'string' && constant.includes(UNKNOWN_TEXT)) return undefined
  // Of a DECIMAL the tree has the digits without the point.
  if (type === 'DECIMAL') return { family, type: 'DOUBLE', label: 'a number', bytes }
  return {
    family,
    type,
    label: family === 'text' ? `the text '${String(constant)}'` : `the ${family} ${String(constant)}`,
    constant,
    bytes,
  }
}

function typeOfColumn(names: readonly string[], scope: Tables): string | undefined {
  const name = names.at(-1)?.toLowerCase() ?? ''
  if (names.length === 2) return scope.get(names[0]?.toLowerCase() ?? '')?.get(name)
  if (names.length > 2 || [...scope.values()].includes(undefined)) return undefined
  const found = [...scope.values()].flatMap((table) => table?.get(name) ?? [])
  return found.length === 1 ? found[0] : undefined
}
