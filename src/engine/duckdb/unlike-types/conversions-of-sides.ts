import { areUnlike, familyOf } from '../../../sdk/type-family.js'
import { fieldAt, listOf } from '../syntax/syntax-tree.js'
import { type BoundValue, isAdded, readValue, typeOf } from './bound-value.js'
import type { Conversion, Reason } from './conversion.js'
import type { WrittenPlaces } from './written-places.js'

const SET_OPERATIONS: ReadonlyMap<unknown, string> = new Map([
  ['LOGICAL_UNION', 'UNION'],
  ['LOGICAL_RECURSIVE_CTE', 'UNION'],
  ['LOGICAL_EXCEPT', 'EXCEPT'],
  ['LOGICAL_INTERSECT', 'INTERSECT'],
])

/** What each side of UNION, EXCEPT or INTERSECT gives, side by side; undefined for other nodes of a plan. */
export function sidesOf(node: unknown): readonly (readonly unknown[])[] | undefined {
  if (!SET_OPERATIONS.has(fieldAt(node, 'type'))) return undefined
  return listOf(fieldAt(node, 'children')).map((side) =>
    fieldAt(side, 'type') === 'LOGICAL_PROJECTION' ? listOf(fieldAt(side, 'expressions')) : [],
  )
}

/**
 * The columns of which the sides of a set operation give unlike types. The engine makes one type of them: numbers beside texts become texts,
 * truth values beside numbers become numbers.
 */
export function conversionsOfSides(node: unknown, sides: readonly (readonly unknown[])[], written: WrittenPlaces): readonly Conversion[] {
  const count = Math.max(0, ...sides.map((side) => side.length))
  return Array.from({ length: count }, (_, column) => {
    const given = sides.map((side) => side[column])
    return conversionsOfColumn(given, SET_OPERATIONS.get(fieldAt(node, 'type')) ?? '', written)
  }).flat()
}

function conversionsOfColumn(given: readonly unknown[], by: string, written: WrittenPlaces): readonly Conversion[] {
  const values = given.map((item) => (item === undefined ? undefined : readValue(item, written)))
  return given.flatMap((item, i) => {
    const to = isAdded(item, written) ? typeOf(item) : undefined
    const value = values[i]
    if (to === undefined || value === undefined || !areUnlike(value.type, to)) return []
    const k = values.findIndex((each) => each?.family === familyOf(to))
    const other: BoundValue = values[k] ?? { type: to, family: familyOf(to), label: `a value of type ${to}`, bytes: undefined }
    const [left, right] = k >= 0 && k < i ? [other, value] : [value, other]
    const reason: Reason = by === 'UNION' ? { kind: 'united', left, right } : { kind: 'compared', left, right, by }
    // A text that is written out is none that could be read as the type of the others: they become texts.
    const { text: _, ...whole } = value
    return { value: whole, to, reason }
  })
}
