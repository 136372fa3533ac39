import { followedBy, type Influence } from '../../../core/influence.js'
import type { Dependencies, SourceColumn } from '../../lineage.js'

/** Depends on nothing. */
export const NOTHING: Dependencies = new Map()

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
