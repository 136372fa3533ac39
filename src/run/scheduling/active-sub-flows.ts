import { PypeError, toCodedError } from '../../core/errors.js'
import type { FramePath } from '../../core/frame.js'
import { leavesCommitOpen } from '../checkpoint/commit/open-commit.js'
import { Bound } from './bound.js'
import { type FrameState, noteFailure } from './frames.js'
import type { Cause } from './settle.js'
import type { SubFlowEnd } from './sub-flow-end.js'
import type { WalkDeps } from './walk-deps.js'

/** What running the sub flows of a walk needs. */
export interface ActiveDeps extends Pick<WalkDeps, 'runSubFlow' | 'threads'> {
  /** A failure keeps everything from starting that does not handle it. */
  readonly halts: boolean
  /** Whether nothing may start any more. */
  readonly stops: () => boolean
}

interface Active {
  readonly controller: AbortController
  readonly handlesFailure: boolean
}

/** Failures that are kept: a loop over a million items may fail in each. */
const FAILURES_KEPT = 1000

/** The sub flows that run at the moment, and what a failure means for them. */
export class ActiveSubFlows {
  readonly #deps: ActiveDeps
  readonly #bound: Bound
  readonly #active = new Set<Active>()
  readonly #failures: PypeError[] = []
  #halted = false
  #hasOpenCommit = false

  constructor(deps: ActiveDeps) {
    this.#deps = deps
    this.#bound = new Bound(deps.threads)
  }

  /** Whether something failed under `halt`. */
  get halted(): boolean {
    return this.#halted
  }

  /** Whether a sub flow has begun to commit and could not finish: what follows it, also an `error` connection, has to wait for that. */
  get hasOpenCommit(): boolean {
    return this.#hasOpenCommit
  }

  /** The first failures, in order of time. */
  get failures(): readonly PypeError[] {
    return this.#failures
  }

  /**
   * Runs a sub flow when its turn has come. `onEnd` is told before the next one gets its turn, which then knows of a failure; it is told
   * nothing when everything has stopped before.
   */
  run(name: string, frame: FramePath, cause: Cause, onEnd: (ended: SubFlowEnd) => void): Promise<void> {
    return this.#bound.run(async () => {
      if (this.#deps.stops()) return
      // It waited for its turn, and something failed in between.
      const isBlocked = this.#halted && cause !== 'failure'
      onEnd(isBlocked ? { end: 'blocked' } : await this.#runNow(name, frame, cause))
    })
  }

  /** Notes a failure; under `halt` it cancels what runs, but for what handles a failure. */
  fail(error: PypeError, frame: FrameState): void {
    noteFailure(frame)
    if (this.#failures.length < FAILURES_KEPT) this.#failures.push(error)
    if (!this.#deps.halts) return
    this.#halted = true
    for (const { controller, handlesFailure } of this.#active) {
      if (!handlesFailure) controller.abort(new PypeError('CANCELLED', 'Cancelled because another sub flow failed.', { cause: error }))
    }
  }

  /** Cancels all that runs. */
  abort(reason: unknown): void {
    for (const { controller } of this.#active) controller.abort(reason)
  }

  async #runNow(name: string, frame: FramePath, cause: Cause): Promise<SubFlowEnd> {
    const active: Active = { controller: new AbortController(), handlesFailure: cause === 'failure' }
    this.#active.add(active)
    const begun = performance.now()
    const seconds = () => (performance.now() - begun) / 1000
    try {
      await this.#deps.runSubFlow(name, frame, active.controller.signal, cause)
      return { end: 'completed', seconds: seconds(), recorded: false }
    } catch (thrown) {
      const error = toCodedError(thrown)
      this.#hasOpenCommit ||= leavesCommitOpen(error)
      const isCancelled = active.controller.signal.aborted && !leavesCommitOpen(error)
      return isCancelled ? { end: 'cancelled', error } : { end: 'failed', seconds: seconds(), error }
    } finally {
      this.#active.delete(active)
    }
  }
}
