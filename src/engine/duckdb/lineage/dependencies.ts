import { followedBy, type Influence } from '../../../core/influence.js'
import type { Relation } from '../../../sdk/relation.js'
import type { Dependencies, Given, SourceColumn } from '../../lineage.js'

/** Depends on nothing. */
export const NOTHING: Dependencies = new Map()

/** No relation that there is. */
const NOWHERE: Relation = { kind: 'query', parts: [] }

/** Depends on which rows there are, whatever is in them. */
export const ALL_ROWS: Dependencies = identityOf({ relation: NOWHERE, column: 'rows' })

/** Depends on what a function without arguments gives. */
export const FUNCTION: Dependencies = identityOf({ relation: NOWHERE, column: 'function' })

/** The columns in what something depends on; where there are none, what else. */
export function splitGiven(from: Dependencies): { readonly from: Dependencies; readonly given?: Given } {
  const columns = new Map([...from].filter(([{ relation }]) => relation !== NOWHERE))
  if (columns.size > 0) return { from: columns }
  const found = new Set([...from.keys()].map(({ column }) => column))
  return { from: columns, given: found.has('rows') ? 'rows' : found.has('function') ? 'function' : 'value' }
}

/** A column that comes from a source as it is. */
export function identityOf(column: SourceColumn): Dependencies {
  return new Map([[column, new Set<Influence>(['identity'])]])
}

/** All that several things depend on. */
export function merge(...all: readonly Dependencies[]): Dependencies {
  const [first = NOTHING, ...others] = all.filter(({ size }) => size > 0)
  if (others.length === 0) return first
  const merged = new Map<SourceColumn, Set<Influence>>()
  for (const [column, influences] of [first, ...others].flatMap((each) => [...each])) {
    const own = merged.get(column) ?? new Set()
    for (const influence of influences) own.add(influence)
    merged.set(column, own)
  }
  return merged
}

/** What depends on `from` by way of one more step. */
export function via(influence: Influence, from: Dependencies): Dependencies {
  return new Map([...from].map(([column, before]) => [column, new Set([...before].map((each) => followedBy(each, influence)))]))
}
