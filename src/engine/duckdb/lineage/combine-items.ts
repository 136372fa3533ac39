import { merge, NOTHING } from './dependencies.js'
import { type Item, openOf, Untraceable } from './scope.js'

/** The columns of a set operation, from those of its two sides. Throws {@link Untraceable}. */
export function combineItems(type: unknown, left: readonly Item[], right: readonly Item[]): readonly Item[] {
  if (type === 'EXCEPT' || type === 'INTERSECT') return left
  if (type === 'UNION_BY_NAME') return combineByName(left, right)
  if (type === 'UNION') return combineByPlace(left, right)
  throw new Untraceable(`it has a ${String(type)}`)
}

/** As UNION does it. */
export function combineByPlace(left: readonly Item[], right: readonly Item[]): readonly Item[] {
  if (left.length !== right.length || [...left, ...right].some(({ kind }) => kind === 'open')) return [openOf([...left, ...right])]
  return left.map((item, i) => ({ ...item, from: merge(item.from, right[i]?.from ?? NOTHING) }))
}

function combineByName(left: readonly Item[], right: readonly Item[]): readonly Item[] {
  if ([...left, ...right].some((item) => item.kind === 'open' || item.name === undefined)) return [openOf([...left, ...right])]
  const key = (item: Item) => (item.kind === 'column' ? item.name?.toLowerCase() : undefined)
  const others = new Map(right.map((item) => [key(item), item.from]))
  const own = new Set(left.map(key))
  const merged = left.map((item) => ({ ...item, from: merge(item.from, others.get(key(item)) ?? NOTHING) }))
  return [...merged, ...right.filter((item) => !own.has(key(item)))]
}
