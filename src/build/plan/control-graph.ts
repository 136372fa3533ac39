import { sortTopologically } from './circles.js'
import type { PlanControl } from './graph.js'
import type { PlanSubFlow, SubFlows } from './sub-flows.js'

/** A control connection between two sub flows. */
export interface ControlEdge {
  readonly control: PlanControl
  readonly from: PlanSubFlow
  readonly to: PlanSubFlow
}

/** The sub flows and the control connections between them, without circles. Lists are indexed by sub flow. */
export interface ControlGraph {
  readonly subFlows: readonly PlanSubFlow[]
  readonly edges: readonly ControlEdge[]
  readonly entering: readonly (readonly ControlEdge[])[]
  /** In the order of the walk; the connections of one group are walked in parallel. */
  readonly leaving: readonly (readonly (readonly ControlEdge[])[])[]
  /** The sub flows without control connections into them, in order of declaration. */
  readonly roots: readonly PlanSubFlow[]
  /** Sub flows so that each comes after those that it hangs on. */
  readonly topological: readonly PlanSubFlow[]
}

/** Lays out the control connections of a flow that has no circles. */
export function layControlGraph(control: readonly PlanControl[], subFlows: SubFlows): ControlGraph {
  const { list } = subFlows
  const edges = control.map((connection) => ({ control: connection, from: subFlows.of(connection.from), to: subFlows.of(connection.to) }))
  const entering: ControlEdge[][] = list.map(() => [])
  const leaving: ControlEdge[][] = list.map(() => [])
  for (const edge of edges) {
    entering[edge.to.index]?.push(edge)
    leaving[edge.from.index]?.push(edge)
  }
  const { order } = sortTopologically(
    list.length,
    edges.map(({ from, to }) => ({ from: from.index, to: to.index })),
  )
  return {
    subFlows: list,
    edges,
    entering,
    leaving: leaving.map(groupByOrder),
    roots: list.filter(({ index }) => entering[index]?.length === 0),
    topological: order.flatMap((index) => list[index] ?? []),
  }
}

/** By ascending order, then the nodes' order of declaration; equal orders of one node are one group. */
function groupByOrder(edges: readonly ControlEdge[]): readonly (readonly ControlEdge[])[] {
  const sorted = edges.toSorted((a, b) => a.control.order - b.control.order || a.control.from.index - b.control.from.index)
  const groups: ControlEdge[][] = []
  for (const edge of sorted) {
    const first = groups.at(-1)?.[0]?.control
    if (first?.from === edge.control.from && first.order === edge.control.order) groups.at(-1)?.push(edge)
    else groups.push([edge])
  }
  return groups
}
