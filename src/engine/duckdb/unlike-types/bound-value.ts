import { isObject } from '../../../core/json.js'
import { familyOf, type TypeFamily } from '../../../sdk/type-family.js'
import { UNKNOWN_TEXT } from '../../unknown-text.js'
import { quoteName, quoteText } from '../statement/literal.js'
import { fieldAt, listOf } from '../syntax/syntax-tree.js'
import { placeOf, type WrittenPlaces } from './written-places.js'

/** A value in a query that the engine has bound, before it converts it. */
export interface BoundValue {
  /** Of the engine. */
  readonly type: string
  readonly family: TypeFamily | undefined
  /** As a message names it. */
  readonly label: string
  /** The name of a column, quoted. */
  readonly column?: string
  /** Of a constant: as a message writes it. */
  readonly constant?: string
  /** Of a text that is written out. */
  readonly text?: string
  /** Whether only a run knows the text. */
  readonly isUnknown?: true
  /** Where it stands, in bytes of the statement. */
  readonly bytes: number | undefined
}

/** Whether a node of a plan is a conversion that the engine has added: it stands where its value does, or nowhere. */
export function isAdded(node: unknown, written: WrittenPlaces): boolean {
  if (fieldAt(node, 'expression_class') !== 'BOUND_CAST' || fieldAt(node, 'try_cast') === true || isTypedText(node)) return false
  const at = placeOf(node)
  if (at === undefined) return true
  const cast = written.casts.get(at)
  // Of one that needs no conversion, `CAST(name AS VARCHAR)`, only its place is left. Types with a name are not known before.
  if (cast === 'UNBOUND') return placeOf(fieldAt(node, 'child')) === at
  if (cast !== undefined) return cast !== fieldAt(node, 'return_type', 'id')
  return written.all.has(at)
}

/** `DATE '2026-01-31'`, or `true`: a text with its type. */
export function isTypedText(node: unknown): boolean {
  return placeOf(node) === undefined && fieldAt(node, 'child', 'expression_class') === 'BOUND_CONSTANT'
}

/** A node of a plan without the conversions that the engine has added. */
export function withoutAdded(node: unknown, written: WrittenPlaces): unknown {
  let inner = node
  while (isAdded(inner, written)) inner = fieldAt(inner, 'child')
  return inner
}

/** The type of a node of a plan as it would be written: `DECIMAL(9,2)`. Of a nested type other than a list only what it is. */
export function typeOf(node: unknown): string {
  return typeName(fieldAt(node, 'return_type') ?? fieldAt(node, 'value', 'type') ?? { id: returnsTruth(node) ? 'BOOLEAN' : '' })
}

/** Nodes of these classes have no type written at them. */
function returnsTruth(node: unknown): boolean {
  return ['BOUND_COMPARISON', 'BOUND_CONJUNCTION', 'BOUND_BETWEEN'].includes(String(fieldAt(node, 'expression_class')))
}

function typeName(type: unknown): string {
  const info = fieldAt(type, 'type_info')
  const alias = fieldAt(info, 'alias')
  const id = String(fieldAt(type, 'id'))
  if (typeof alias === 'string') return alias
  if (id === 'DECIMAL') return `DECIMAL(${String(fieldAt(info, 'width') ?? 0)},${String(fieldAt(info, 'scale') ?? 0)})`
  if (id === 'LIST') return `${typeName(fieldAt(info, 'child_type'))}[]`
  if (id === 'ENUM')
    return `ENUM(${listOf(fieldAt(info, 'values'))
      .map((value) => quoteText(String(value)))
      .join(', ')})`
  return id
}

/** What a node of a plan stands for, without the conversions that the engine has added. */
export function readValue(node: unknown, written: WrittenPlaces): BoundValue {
  const value = withoutAdded(node, written)
  const type = typeOf(value)
  const plain = { type, family: familyOf(type), bytes: placeOf(node) ?? placeOf(value) }
  const kind = fieldAt(value, 'expression_class')
  if (kind === 'BOUND_CONSTANT') return { ...plain, ...readConstant(value, plain.family) }
  if (isTypedText(value)) return { ...plain, ...readConstant(fieldAt(value, 'child'), plain.family) }
  // What the values of an ENUM are, would be too long.
  const brief = type.replace(/^ENUM\(.*/s, 'ENUM')
  if (kind === 'BOUND_REF') return { ...plain, ...readReference(value, brief, plain.bytes, written) }
  const isFunction = kind === 'BOUND_FUNCTION' && isObject(value) && value.is_operator !== true
  return { ...plain, label: isFunction ? `${String(value.name)}(…) (${brief})` : `a value of type ${brief}` }
}

function readConstant(node: unknown, family: TypeFamily | undefined): Pick<BoundValue, 'label' | 'constant' | 'text' | 'isUnknown'> {
  const value = fieldAt(node, 'value', 'value')
  const constant = String(value ?? '')
  if (fieldAt(node, 'value', 'is_null') === true) return { label: 'NULL' }
  if (constant.includes(UNKNOWN_TEXT)) return { label: 'a text', isUnknown: true }
  if (family === 'text') return { label: `the text '${constant}'`, constant, text: constant }
  if (family === 'boolean') return { label: 'a truth value', constant }
  // Of a DECIMAL the engine has the digits without the point.
  const isWhole = family === 'number' && Number.isSafeInteger(value) && fieldAt(node, 'value', 'type', 'id') !== 'DECIMAL'
  if (isWhole || family === 'date') return { label: `the ${family} ${constant}`, constant }
  return { label: `a ${family ?? 'value'}` }
}

function readReference(
  node: unknown,
  type: string,
  bytes: number | undefined,
  written: WrittenPlaces,
): Pick<BoundValue, 'label' | 'column'> {
  const names = bytes === undefined ? undefined : written.columns.get(bytes)
  if (names !== undefined) return { label: `"${names.at(-1)}" (${type})`, column: names.map(quoteName).join('.') }
  const alias = String(fieldAt(node, 'alias') ?? '')
  if (alias === 'SUBQUERY') return { label: `a subquery (${type})` }
  if (alias === '') return { label: `a value of type ${type}` }
  // Of an aggregate the engine has the text: `max(amount)`.
  return /^\w+\(.*\)$/s.test(alias) ? { label: `${alias} (${type})` } : { label: `"${alias}" (${type})`, column: quoteName(alias) }
}
