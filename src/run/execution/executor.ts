import pLimit from 'p-limit'
import { PypeError, toCodedError } from '../../core/errors.js'
import { nameInFrame, nameWithoutFrame, ROOT_FRAME } from '../../core/frame.js'
import { readMachine } from '../job/machine.js'
import type { Executor, ExecutorDeps } from './deps.js'
import { ModuleLife } from './module-life.js'
import { createOverwriteWarner } from './overwrite-warner.js'
import { failNode } from './place-error.js'
import { runSinkAgain } from './run-sink-again.js'
import type { SubFlowDeps } from './sub-flow-deps.js'
import { splitDag } from './sub-flow-graph.js'
import { SubFlowRun } from './sub-flow-run.js'
import { findTargetsBehind } from './targets-behind.js'
import { WorkerThreads } from './worker-threads.js'

/** Makes the part of a run that moves rows: it runs sub flows one attempt at a time. */
export function createExecutor(deps: ExecutorDeps): Executor {
  const graphOf = splitDag(deps.dag, deps.metadata.sub_flows)
  const limit = pLimit(deps.threads)
  const life = new ModuleLife(deps)
  const workers = new WorkerThreads(deps.threads)
  const { settings } = deps.metadata
  const policy = {
    maxRows: settings.spill_threshold_rows,
    maxProcessBytes: readMachine().memory * settings.max_ram_share,
    spillDir: deps.spillDir,
  }
  const shared: SubFlowDeps = { ...deps, limit, life, workers, policy, warnOfOverwrite: createOverwriteWarner(deps) }
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
      await life.tearDown()
      await workers.close()
    },
  }
}
