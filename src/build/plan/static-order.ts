import type { ControlEdge, ControlGraph } from './control-graph.js'
import type { Scopes } from './scopes.js'
import type { PlanSubFlow } from './sub-flows.js'

/** Connections that are looked at one after the other; those that leave a loop wait in `exits` for its end. */
interface Step {
  readonly edges: ControlEdge[]
  next: number
  readonly loop: ControlEdge | undefined
}

/** The sub flows in an order in which they could run one after the other: the walk with every connection taken. */
export function orderStatically(graph: ControlGraph, scopes: Scopes): readonly PlanSubFlow[] {
  const open = graph.entering.map((edges) => edges.length)
  const exits = new Map(scopes.list.map(({ edge }) => [edge, [] as ControlEdge[]]))
  const order: PlanSubFlow[] = []
  const stack: Step[] = []
  const run = (subFlow: PlanSubFlow): void => {
    order.push(subFlow)
    stack.push({ edges: graph.leaving[subFlow.index]?.flat() ?? [], next: 0, loop: undefined })
  }
  const settle = (edge: ControlEdge): void => {
    const left = (open[edge.to.index] ?? 0) - 1
    open[edge.to.index] = left
    if (left > 0) return
    if (edge.control.type === 'iterate') stack.push({ edges: [], next: 0, loop: edge })
    run(edge.to)
  }
  for (const root of graph.roots) {
    run(root)
    for (let step = stack.at(-1); step !== undefined; step = stack.at(-1)) {
      if (step.next === 0 && step.loop !== undefined) {
        const waiting = exits.get(step.loop) ?? []
        step.edges.push(...waiting.sort((a, b) => a.control.index - b.control.index))
      }
      const edge = step.edges[step.next++]
      if (edge === undefined) {
        stack.pop()
        continue
      }
      const left = step.loop === undefined ? scopes.outermostLeft(edge) : undefined
      if (left === undefined) settle(edge)
      else exits.get(left)?.push(edge)
    }
  }
  return order
}
