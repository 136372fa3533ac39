import type { DagNode } from '../../../core/dag.js'
import type { JobOutcome, JobRequest } from '../../../sdk/job-run.js'
import { ExactValue } from '../../../sdk/job-run.js'
import { createChildRunId } from '../../child/child-run-id.js'
import type { SubFlowDeps } from '../sub-flow/sub-flow-deps.js'
import type { SubFlowTask } from '../sub-flow/sub-flow-task.js'

/** Lets a node run other jobs: each run is named, recorded and logged before it starts. */
export function createJobRunner(deps: SubFlowDeps, task: SubFlowTask, node: DagNode, signal: AbortSignal) {
  let calls = 0
  return async (folder: string, { context, set, date }: JobRequest = {}): Promise<JobOutcome> => {
    calls++
    // What an earlier process has started is gone on with.
    const earlier = deps.childrenOf(node.id, task.frame)[calls - 1]
    const runId = earlier?.run ?? createChildRunId(deps.runId, node.id, task.frame, deps.process, calls)
    const { status, errors, globals, ...outcome } = await deps.runChild({
      folder,
      runId,
      context,
      set: set ?? {},
      date,
      signal,
      onStart: (job) => {
        task.staging.actOutside(node.id, { job, run: runId })
        deps.createLogger(node.id, task.frame).info(`runs the job ${folder} as ${runId}`, { child_run: runId, child_job: job })
      },
    })
    const exact = Object.entries(globals).map(([name, { type, text }]) => [name, new ExactValue(type, text)])
    return { status, runId, folder: outcome.folder, errors, globals: Object.fromEntries(exact) }
  }
}
