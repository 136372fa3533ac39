import type { ExecutionMetadata } from '../../core/dag.js'
import { messageOf, PypeError, toCodedError } from '../../core/errors.js'
import { type Emit, toEventError } from '../../core/events.js'
import { type FramePath, nameWithoutFrame } from '../../core/frame.js'
import type { TypedValue } from '../../engine/engine.js'
import type { CommitDeps } from '../checkpoint/commit/commit-deps.js'
import { SubFlowStaging } from '../checkpoint/commit/staging.js'
import type { Work } from '../checkpoint/journal/records.js'
import type { Executor } from '../execution/executor.js'
import type { SubFlowOutcome } from '../execution/sub-flow/sub-flow-outcome.js'
import { type Iteration, toJsonItem } from '../templating/iteration.js'
import { runAttempts } from './attempts.js'
import { RecordedColumns } from './recorded-columns.js'
import type { Cause } from './settle.js'

/** What running a sub flow to its commit needs. */
export interface SubFlowRunnerDeps {
  readonly metadata: ExecutionMetadata
  readonly executor: Executor
  readonly commit: CommitDeps
  readonly emit: Emit
  readonly random: () => number
  /** The innermost pass of a loop that a sub flow in a frame is in. */
  readonly iteration: (name: string, frame: FramePath) => Iteration | undefined
  /** Told when a sub flow has committed, before anything else looks at it. */
  readonly onCommitted: (frame: FramePath, outcome: SubFlowOutcome) => void
  /** Told when no further attempt follows a failed one, with the globals of the node that failed in it. */
  readonly onFailed: (frame: FramePath, globals: SubFlowOutcome['globals']) => void
}

interface AttemptDeps extends SubFlowRunnerDeps {
  /** The nodes that give loops their lists. */
  readonly givers: ReadonlySet<string>
  /** Why the sub flow was started. */
  readonly cause: Cause
  readonly columns: RecordedColumns
}

interface Attempt {
  readonly number: number
  readonly work: Work
  /** Those of the node that failed. */
  readonly globals: { [name: string]: TypedValue }
}

/*
 * An attempt: started -> nodes ended -> committing -> completed
 *   started, nodes ended -> rolled back -> (another attempt, or failed)
 *   committing -> failed   only when it could not be finished; it is never rolled back or tried again
 */

/** Runs one sub flow with all its attempts, each to its commit or its rollback. */
export function createSubFlowRunner(deps: SubFlowRunnerDeps) {
  const givers = new Set(deps.metadata.scopes.map(({ connection }) => connection.from))
  const columns = new RecordedColumns()
  return async (name: string, frame: FramePath, signal: AbortSignal, cause: Cause): Promise<void> => {
    const started = deps.commit.now().toISOString()
    let last: Attempt = { number: 1, work: { started }, globals: {} }
    try {
      await runAttempts(
        (attempt) => {
          const work = attempt === 1 ? { started } : { started, retried: deps.commit.now().toISOString(), attempts: attempt }
          last = { number: attempt, work, globals: {} }
          return runAttempt({ ...deps, givers, cause, columns }, name, frame, last, signal)
        },
        {
          retries: deps.metadata.settings.retries,
          delaySeconds: deps.metadata.settings.retry_delay,
          signal,
          random: deps.random,
          onRetry: (attempt, delaySeconds, error) =>
            deps.emit({ type: 'subflow.retried', subFlow: name, frame, attempt, delaySeconds, error: toEventError(toCodedError(error)) }),
        },
      )
    } catch (thrown) {
      const error = toCodedError(thrown)
      noteFailure(deps, name, frame, last, error)
      if (!signal.aborted) deps.onFailed(frame, last.globals)
      throw error
    }
  }
}

async function runAttempt(deps: AttemptDeps, name: string, frame: FramePath, own: Attempt, signal: AbortSignal): Promise<void> {
  const subFlow = deps.metadata.sub_flows[name]
  if (subFlow === undefined) throw new PypeError('INTERNAL', `The execution metadata has no sub flow "${name}".`)
  deps.emit({ type: 'subflow.started', subFlow: name, frame, attempt: own.number })
  const iteration = deps.iteration(name, frame)
  const staging = new SubFlowStaging(deps.commit, name, frame, own.number)
  try {
    const executed = await deps.executor.execute({
      name,
      subFlow,
      frame,
      attempt: own.number,
      iterItem: iteration === undefined ? undefined : toJsonItem(iteration.item),
      iterIndex: iteration?.index,
      signal,
      staging,
      onFailed: (globals) => Object.assign(own.globals, globals),
    })
    // The last moment at which a cancel is heard: what commits is finished.
    if (signal.aborted) throw toAbortError(signal)
    const outcome = { ...keepForRecord(executed, deps), work: own.work }
    await commit(deps, staging, outcome, frame)
    deps.columns.add(outcome.columns)
    deps.onCommitted(frame, outcome)
    // Not before: what is rolled back does not count.
    for (const report of outcome.nodes) deps.emit({ type: 'node.completed', ...report, node: nameWithoutFrame(report.node), frame })
    deps.emit({ type: 'checkpoint.saved', subFlow: name, frame })
  } catch (error) {
    await undo(deps, staging)
    throw error
  }
}

/** Lists that no loop needs are not recorded, nor columns once more. */
function keepForRecord(outcome: SubFlowOutcome, { givers, cause, columns }: AttemptDeps): SubFlowOutcome {
  const items = Object.fromEntries(Object.entries(outcome.items).filter(([node]) => givers.has(node)))
  return { ...outcome, items, columns: columns.keepNew(outcome.columns), ...(cause === 'ordinary' ? {} : { provisional: true }) }
}

async function commit(deps: SubFlowRunnerDeps, staging: SubFlowStaging, outcome: SubFlowOutcome, frame: FramePath): Promise<void> {
  try {
    await staging.commit(outcome)
  } catch (error) {
    throw deps.executor.failCommit(error, frame)
  }
}

/** A journal that cannot be written must not hide the failure; the walk meets it again when it settles what leaves the sub flow. */
function noteFailure(deps: SubFlowRunnerDeps, name: string, frame: FramePath, { number, work }: Attempt, error: PypeError): void {
  const { journal, now } = deps.commit
  const ended = now().toISOString()
  try {
    journal.append({ kind: 'failed', sub_flow: name, frame, attempt: number, error: toEventError(error), work, ended })
  } catch (failure) {
    deps.commit.warn(`The journal cannot be written: ${messageOf(failure)}`, undefined)
  }
}

/** A rollback that fails must not hide why there was one. */
async function undo(deps: SubFlowRunnerDeps, staging: SubFlowStaging): Promise<void> {
  try {
    await staging.rollback()
  } catch (error) {
    deps.commit.warn(`A staged file could not be removed; remove it by hand: ${messageOf(error)}`, undefined)
  }
}

function toAbortError(signal: AbortSignal): PypeError {
  return signal.reason instanceof PypeError
    ? signal.reason
    : new PypeError('CANCELLED', 'The sub flow was cancelled.', { cause: signal.reason })
}
