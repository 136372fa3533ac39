import type { CursorPlace } from '../staging.js'
import type { SubFlowGraph } from '../sub-flow/sub-flow-graph.js'
import type { SinkTargets } from './sink-targets.js'

/** Where the cursor of a node is kept. `findBehind` gives the targets of all sinks that its rows reach, over boundaries too. */
export function findCursorPlace(
  node: string,
  graph: SubFlowGraph,
  findTargets: () => SinkTargets,
  findBehind: () => readonly string[],
): CursorPlace {
  if (leavesSubFlow(node, graph)) return { kind: 'run', targets: findBehind() }
  const { connections, hasFiles, targetOf } = findTargets()
  const reached = reachedFrom(node, graph)
  const targets = [...targetOf].flatMap(([sink, target]) => (reached.has(sink) ? [target] : [])).sort()
  const [connection, ...more] = connections
  return connection === undefined || more.length > 0 || hasFiles ? { kind: 'file', targets } : { kind: 'database', connection, targets }
}

/** Whether rows of a node go on to another sub flow, or are the list of a loop. */
function leavesSubFlow(node: string, graph: SubFlowGraph): boolean {
  const { outgoing, lists } = graph
  const reached = reachedFrom(node, graph)
  return outgoing.some(({ from }) => reached.has(from)) || lists.some((list) => reached.has(list.node))
}

/** A node, and those of its sub flow that its rows reach. */
function reachedFrom(node: string, { inner }: SubFlowGraph): ReadonlySet<string> {
  const reached = new Set([node])
  for (const id of reached) for (const { from, to } of inner) if (from === id) reached.add(to)
  return reached
}
