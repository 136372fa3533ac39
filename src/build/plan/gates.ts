import { groupBy } from '../../core/group-by.js'
import type { ControlEdge } from './control-graph.js'
import type { PlanNode } from './graph.js'
import type { PlanSubFlow } from './sub-flows.js'

/** Whether a sub flow starts at the first connection into it that is taken, and ignores the others: a `gate` that waits for any. */
export function isOpenGate({ nodes }: { readonly nodes: readonly PlanNode[] }): boolean {
  return nodes.some(({ module, configs }) => module?.modulePath === 'pype:solo/gate' && configs.wait === 'any')
}

/** The gate that waits for any on a way from one sub flow to another; undefined when there is none. */
export function findOpenGate(from: PlanSubFlow, to: PlanSubFlow, edges: Iterable<ControlEdge>): PlanSubFlow | undefined {
  const entering = groupBy(edges, (edge) => edge.to)
  const before = (subFlow: PlanSubFlow): ReadonlySet<PlanSubFlow> => {
    const found = new Set([subFlow])
    // A set goes on with what is added while it is walked.
    for (const each of found) for (const edge of entering.get(each) ?? []) found.add(edge.from)
    return found
  }
  return [...before(to)].find((subFlow) => isOpenGate(subFlow) && before(subFlow).has(from))
}
