import type { Dag, DagNode } from '../../core/dag.js'
import { groupBy } from '../../core/group-by.js'
import type { PortName, SubFlowGraph } from '../execution/sub-flow/sub-flow-graph.js'

/**
 * A node and all that its rows come from as one graph: over boundaries too, since nothing is stored there, so that a limit reaches the
 * files. `watched` are the ports that somebody looks at.
 */
export function previewGraph({ nodes, data }: Dag, root: string, watched: readonly PortName[]): SubFlowGraph {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const into = groupBy(data, ({ to }) => to)
  const order: DagNode[] = []
  const entered = new Set<string>()
  const stack = [{ id: root, done: false }]
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const node = byId.get(top.id)
    if (node !== undefined && top.done) order.push(node)
    if (node === undefined || top.done || entered.has(top.id)) continue
    entered.add(top.id)
    stack.push({ id: top.id, done: true })
    for (const { from } of into.get(top.id) ?? []) stack.push({ id: from, done: false })
  }
  return { nodes: order, inner: data.filter(({ to }) => entered.has(to)), incoming: [], outgoing: [], lists: [], watched }
}

/** The ports of the nodes of a graph that the flow reads elsewhere: of a connected `reject`, bad rows leave by it, and are no errors. */
export function portsReadElsewhere({ nodes, inner, watched }: SubFlowGraph, { data }: Dag): readonly PortName[] {
  const ids = new Set(nodes.map(({ id }) => id))
  const read = new Set([
    ...inner.map(({ from, from_port }) => `${from}.${from_port}`),
    ...watched.map(({ node, port }) => `${node}.${port}`),
  ])
  const elsewhere = new Map<string, PortName>()
  for (const { from, from_port } of data) {
    const name = `${from}.${from_port}`
    if (ids.has(from) && !read.has(name)) elsewhere.set(name, { node: from, port: from_port })
  }
  return [...elsewhere.values()]
}
