import type { Dag, ExecutionMetadata } from '../../core/dag.js'

/** What in the two files of a job does not fit together, or undefined: they may have been edited apart. */
export function checkJob(dag: Dag, metadata: ExecutionMetadata): string | undefined {
  const nodes = new Map(dag.nodes.map((node) => [node.id, node]))
  if (nodes.size < dag.nodes.length) return 'two nodes have one id'
  for (const connection of [...dag.data, ...dag.control]) {
    const missing = [connection.from, connection.to].find((id) => !nodes.has(id))
    if (missing !== undefined) return `a connection names the node "${missing}", which it does not have`
  }
  for (const node of dag.nodes) {
    const subFlow = Object.hasOwn(metadata.sub_flows, node.sub_flow) ? metadata.sub_flows[node.sub_flow] : undefined
    if (!subFlow?.nodes.includes(node.id)) return `the node "${node.id}" is in no sub flow of the execution metadata`
  }
  const inSubFlows = Object.values(metadata.sub_flows).flatMap((subFlow) => subFlow.nodes)
  if (inSubFlows.length !== nodes.size) return 'the execution metadata has other nodes'
  const reached = new Set(dag.control.map(({ to }) => nodes.get(to)?.sub_flow))
  const roots = Object.keys(metadata.sub_flows).filter((name) => !reached.has(name))
  if (roots.length !== metadata.roots.length || roots.some((name) => !metadata.roots.includes(name)))
    return 'the execution metadata has other roots'
  return undefined
}
