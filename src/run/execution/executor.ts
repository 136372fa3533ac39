import { PypeError, toCodedError } from '../../core/errors.js'
import { type FramePath, nameInFrame, nameWithoutFrame, ROOT_FRAME } from '../../core/frame.js'
import type { ExecutorDeps } from './executor-deps.js'
import { failNode } from './node/place-error.js'
import { findTargetsBehind } from './sinks/targets-behind.js'
import { runSinkAgain, type SinkAgain } from './sub-flow/run-sink-again.js'
import { shareDeps } from './sub-flow/share-deps.js'
import { splitDag } from './sub-flow/sub-flow-graph.js'
import type { SubFlowOutcome } from './sub-flow/sub-flow-outcome.js'
import { SubFlowRun } from './sub-flow/sub-flow-run.js'
import type { SubFlowTask } from './sub-flow/sub-flow-task.js'

/** Runs sub flows. An attempt leaves nothing visible outside: that is for the commit of its staging. */
export interface Executor {
  /** Runs all nodes of one attempt. Rejects with a coded error that names the node; on abort with CANCELLED. */
  execute(task: SubFlowTask): Promise<SubFlowOutcome>
  /** What a commit threw, as the failure of the node that it names. Staging knows neither the frame nor the place of a node. */
  failCommit(error: unknown, frame: FramePath): PypeError
  /** Runs one sink again, on rows that were frozen. Rejects with a coded error. */
  runSinkAgain(sink: SinkAgain): Promise<void>
  /** What the sinks write to that rows of a node reach, in words, as the flow is now. */
  targetsBehind(node: string): readonly string[]
  /** Tears the modules down and frees what is held. Called once, also after a failure. */
  close(): Promise<void>
}

/** Makes the part of a run that moves rows: it runs sub flows one attempt at a time. */
export function createExecutor(deps: ExecutorDeps): Executor {
  const graphOf = splitDag(deps.dag, deps.metadata.sub_flows)
  const shared = shareDeps(deps)
  return {
    execute: async (task) => {
      const graph = graphOf(task.name)
      if (graph === undefined) throw new PypeError('INTERNAL', `There is no sub flow ${nameInFrame(task.name, task.frame)}.`)
      const run = new SubFlowRun(shared, task, graph)
      return run.execute()
    },
    runSinkAgain: (sink) => runSinkAgain(shared, sink),
    failCommit: (error, frame) => {
      const coded = toCodedError(error)
      const node = deps.dag.nodes.find(({ id }) => id === nameWithoutFrame(coded.node ?? ''))
      return node === undefined ? coded : failNode(coded, node, deps, frame)
    },
    targetsBehind: (node) => findTargetsBehind(node, deps, ROOT_FRAME),
    close: async () => {
      await shared.life.tearDown()
      await shared.workers.close()
    },
  }
}
