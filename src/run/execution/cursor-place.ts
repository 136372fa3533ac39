import type { SinkTargets } from './sink-targets.js'
import type { CursorPlace, SubFlowGraph } from './sub-flow.js'

/** Where the cursor of a node is kept. */
export function findCursorPlace(node: string, graph: SubFlowGraph, findTargets: () => SinkTargets): CursorPlace {
  if (leavesSubFlow(node, graph)) return { kind: 'run' }
  const { connections, hasFiles } = findTargets()
  const [connection, ...more] = connections
  return connection === undefined || more.length > 0 || hasFiles ? { kind: 'file' } : { kind: 'database', connection }
}

/** Whether rows of a node go on to another sub flow, or are the list of a loop. */
function leavesSubFlow(node: string, { inner, outgoing, lists }: SubFlowGraph): boolean {
  const reached = new Set([node])
  for (const id of reached) for (const { from, to } of inner) if (from === id) reached.add(to)
  return outgoing.some(({ from }) => reached.has(from)) || lists.some((list) => reached.has(list.node))
}
