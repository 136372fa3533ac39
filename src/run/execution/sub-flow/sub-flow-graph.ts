import type { Dag, DagNode, DataConnection, ExecutionMetadata } from '../../../core/dag.js'
import { PypeError } from '../../../core/errors.js'
import { groupBy } from '../../../core/group-by.js'

/** The parts of a dag that one sub flow needs, looked up once. */
export interface SubFlowGraph {
  readonly nodes: readonly DagNode[]
  /** Data connections inside the sub flow. */
  readonly inner: readonly DataConnection[]
  /** Boundaries into it. */
  readonly incoming: readonly DataConnection[]
  /** Boundaries out of it. */
  readonly outgoing: readonly DataConnection[]
  /** The ports whose rows are the list of a loop, unless the node publishes items. */
  readonly lists: readonly PortName[]
  /** Ports whose rows are looked at from outside, and go nowhere: those of a preview. */
  readonly watched: readonly PortName[]
}

/** An output port of a node. */
export interface PortName {
  readonly node: string
  readonly port: string
}

/** A node of the sub flow. */
export function nodeIn({ nodes }: SubFlowGraph, id: string): DagNode {
  const node = nodes.find((each) => each.id === id)
  if (node === undefined) throw new PypeError('INTERNAL', `There is no node ${id} in this sub flow.`)
  return node
}

/** Finds the part of the dag that a sub flow needs, by its name; nodes in the order of its waves. */
export function splitDag(dag: Dag, subFlows: ExecutionMetadata['sub_flows']): (name: string) => SubFlowGraph | undefined {
  const nodes = new Map(dag.nodes.map((node) => [node.id, node]))
  const subFlowOf = (node: string) => nodes.get(node)?.sub_flow
  const boundaries = dag.data.filter(({ boundary }) => boundary)
  const inner = groupBy(
    dag.data.filter(({ boundary }) => !boundary),
    ({ to }) => subFlowOf(to),
  )
  const incoming = groupBy(boundaries, ({ to }) => subFlowOf(to))
  const outgoing = groupBy(boundaries, ({ from }) => subFlowOf(from))
  const givers = groupBy(
    dag.control.filter(({ type }) => type === 'iterate'),
    ({ from }) => subFlowOf(from),
  )
  // Put together anew each time: a flow of 100,000 sub flows would hold as many.
  return (name) => {
    const subFlow = subFlows[name]
    if (subFlow === undefined) return undefined
    return {
      nodes: subFlow.waves.flat().flatMap((id) => nodes.get(id) ?? []),
      inner: inner.get(name) ?? [],
      incoming: incoming.get(name) ?? [],
      outgoing: outgoing.get(name) ?? [],
      lists: (givers.get(name) ?? []).flatMap(({ from }) =>
        (nodes.get(from)?.output_ports ?? []).slice(0, 1).map((port) => ({ node: from, port })),
      ),
      watched: [],
    }
  }
}
