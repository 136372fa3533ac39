import type { DataConnection } from '../../../core/dag.js'
import type { FramePath } from '../../../core/frame.js'
import type { Refill } from '../../refill/refill.js'
import type { Staging } from '../staging.js'
import type { SubFlowDeps } from './sub-flow-deps.js'
import type { SubFlowGraph } from './sub-flow-graph.js'
import { SubFlowRun } from './sub-flow-run.js'
import type { SubFlowTask } from './sub-flow-task.js'

/** Where a sink that is run again stands, and what it writes through. */
export interface SinkAgain {
  readonly refill: Refill
  readonly subFlow: string
  readonly frame: FramePath
  readonly staging: Staging
  readonly signal: AbortSignal
  /** Its configs as it had them. */
  readonly config: Record<string, unknown>
}

/** Runs one sink on the rows that were frozen for it, as if it were a sub flow of its own. */
export async function runSinkAgain(deps: SubFlowDeps, { refill, subFlow, frame, staging, signal, config }: SinkAgain): Promise<void> {
  const { node, inputs, attempt, item, index } = refill
  const incoming = Object.keys(inputs).map(
    (port): DataConnection => ({ from: node.id, from_port: port, to: node.id, to_port: port, order: 0, boundary: true, place: node.place }),
  )
  const graph: SubFlowGraph = { nodes: [node], inner: [], incoming, outgoing: [], lists: [], watched: [] }
  const task: SubFlowTask = {
    name: subFlow,
    subFlow: { nodes: [node.id], waves: [[node.id]], hash: '' },
    frame,
    attempt,
    iterItem: item,
    iterIndex: index,
    signal,
    staging,
    onFailed: () => {},
  }
  const own = { ...deps, boundaryArtifact: (_: string, port: string) => inputs[port], resolveConfig: () => config }
  await new SubFlowRun(own, task, graph).execute()
}
