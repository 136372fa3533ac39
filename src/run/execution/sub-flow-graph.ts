import type { Dag } from '../../core/dag.js'
import type { SubFlowGraph } from './sub-flow.js'

/** The part of the dag that each sub flow needs, by name; nodes in the order of its waves. */
export function splitDag(
  dag: Dag,
  subFlows: { readonly [name: string]: { readonly waves: readonly (readonly string[])[] } },
): Map<string, SubFlowGraph> {
  const nodes = new Map(dag.nodes.map((node) => [node.id, node]))
  const graphs = new Map<string, Draft>()
  for (const [name, { waves }] of Object.entries(subFlows)) {
    const own = waves.flat().flatMap((id) => nodes.get(id) ?? [])
    graphs.set(name, { nodes: own, inner: [], incoming: [], outgoing: [], lists: [] })
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
  for (const { from, type } of dag.control) {
    const node = nodes.get(from)
    const port = node?.output_ports[0]
    if (type === 'iterate' && node !== undefined && port !== undefined) graphs.get(node.sub_flow)?.lists.push({ node: from, port })
  }
  return graphs
}

type Draft = { -readonly [part in keyof SubFlowGraph]: SubFlowGraph[part][number][] }
