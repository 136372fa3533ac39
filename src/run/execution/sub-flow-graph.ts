import type { Dag, DagNode } from '../../core/dag.js'
import type { SubFlowGraph } from './sub-flow.js'

/** The part of the dag that each sub flow needs, by name; nodes in the order of its waves. */
export function splitDag(
  dag: Dag,
  subFlows: { readonly [name: string]: { readonly waves: readonly (readonly string[])[] } },
): Map<string, SubFlowGraph> {
  const nodes = new Map(dag.nodes.map((node) => [node.id, node]))
  const graphs = new Map<
    string,
    { nodes: DagNode[]; inner: Dag['data'][number][]; incoming: Dag['data'][number][]; outgoing: Dag['data'][number][] }
  >()
  for (const [name, { waves }] of Object.entries(subFlows)) {
    const own = waves.flat().flatMap((id) => nodes.get(id) ?? [])
    graphs.set(name, { nodes: own, inner: [], incoming: [], outgoing: [] })
  }
  for (const connection of dag.data) {
    const from = graphs.get(nodes.get(connection.from)?.sub_flow ?? '')
    const to = graphs.get(nodes.get(connection.to)?.sub_flow ?? '')
    if (!connection.boundary) to?.inner.push(connection)
    else {
      from?.outgoing.push(connection)
      to?.incoming.push(connection)
    }
  }
  return graphs
}
