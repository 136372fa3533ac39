import { areUnlike, familyOf } from '../../../sdk/type-family.js'
import { fieldAt } from '../syntax/syntax-tree.js'
import { type BoundValue, isAdded, isTypedText, readValue, typeOf } from './bound-value.js'
import type { WrittenPlaces } from './written-places.js'

/** What the engine needs a value of another type for. */
export type Reason =
  /** `by` is what compares, where that is no comparison of two values. */
  | { readonly kind: 'compared'; readonly left: BoundValue; readonly right: BoundValue; readonly by?: string }
  /** The value is one of several, of which `of` chooses. */
  | { readonly kind: 'chosen'; readonly of: string; readonly other: BoundValue }
  /** UNION puts both into one column. */
  | { readonly kind: 'united'; readonly left: BoundValue; readonly right: BoundValue }
  | { readonly kind: 'expected' }

/** A value that the engine converts to a type of another kind. */
export interface Conversion {
  readonly value: BoundValue
  /** The type that the value gets. A text that is written out has to be a value of it; anything else is of the wrong kind. */
  readonly to: string
  readonly reason: Reason
}

/** A value that stands where one of another type is expected. */
export function expectedAt(node: unknown, written: WrittenPlaces): Conversion | undefined {
  return conversionOf(readValue(isTypedText(node) ? fieldAt(node, 'child') : node, written), typeOf(node), { kind: 'expected' })
}

/** The values that COALESCE or CASE chooses among; those that are not of the type of the others. Two columns of unlike types the engine refuses by itself. */
export function conversionsOfChosen(of: string, among: readonly unknown[], written: WrittenPlaces): readonly Conversion[] {
  const values = among.map((each) => readValue(each, written))
  return among.flatMap((choice, i) => {
    const value = values[i]
    if (value === undefined || !isAdded(choice, written)) return []
    const to = typeOf(choice)
    const other = values.find(({ family }) => family !== undefined && family === familyOf(to))
    return conversionOf(value, to, other === undefined ? { kind: 'expected' } : { kind: 'chosen', of, other }) ?? []
  })
}

/** The values that are compared with the first one. */
export function conversionsOfCompared(operands: readonly unknown[], written: WrittenPlaces): readonly Conversion[] {
  const values = operands.map((operand) => readValue(operand, written))
  return operands.flatMap((operand, i) => {
    const to = isAdded(operand, written) ? typeOf(operand) : undefined
    const alike = values.slice(1).find(({ family }) => family !== undefined && family === familyOf(to ?? ''))
    const [left, value] = [values[0], values[i]]
    const right = i === 0 ? (alike ?? values[1]) : value
    if (to === undefined || left === undefined || right === undefined || value === undefined) return []
    // `name IS TRUE`, as a module may ask of a condition.
    if (i === 0 && to === 'BOOLEAN' && right.constant !== undefined && right.family === 'boolean')
      return conversionOf(value, to, { kind: 'expected' }) ?? []
    const reason: Reason = { kind: 'compared', left, right }
    // The values of an ENUM are compared as texts; a text that is none of them is a mistake all the same.
    const names = [left, right].find(({ type }) => type.startsWith('ENUM('))
    if (names !== undefined && value.text !== undefined) return { value, to: names.type, reason }
    return conversionOf(value, to, reason) ?? []
  })
}

/** Undefined for a conversion between types that go together. */
function conversionOf(value: BoundValue, to: string, reason: Reason): Conversion | undefined {
  if (value.isUnknown || familyOf(to) === 'text') return undefined
  if (value.text !== undefined) return { value, to, reason }
  // Numbers stand for truth values and the other way round.
  const isTruth = [value.family, familyOf(to)].every((family) => family === 'number' || family === 'boolean')
  return isTruth || !areUnlike(value.type, to) ? undefined : { value, to, reason }
}
