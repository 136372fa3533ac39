import type { Relation } from '../../../sdk/relation.js'
import type { CounterPlan } from './plan-counters.js'
import type { ProfiledOperator } from './profiling.js'

/**
 * The rows of each relation that a statement counted. Left out are those that the optimizer took out because no row could come of them,
 * and those that a query reads several times itself when the times differ: one of them left off early.
 */
export function readCounts(plan: ProfiledOperator, { marks }: CounterPlan): ReadonlyMap<Relation, number> {
  const found = new Map<string, Set<number>>()
  const open = [plan]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    open.push(...next.children)
    for (const column of next.columns) if (marks.has(column)) found.set(column, (found.get(column) ?? new Set()).add(next.rows))
  }
  const counts = new Map<Relation, number>()
  const unknown = new Set<Relation>()
  for (const [mark, relation] of marks) {
    const [rows, ...others] = found.get(mark) ?? []
    if (rows === undefined || others.length > 0) unknown.add(relation)
    else counts.set(relation, (counts.get(relation) ?? 0) + rows)
  }
  for (const relation of unknown) counts.delete(relation)
  return counts
}
