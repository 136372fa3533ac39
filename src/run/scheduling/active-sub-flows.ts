import { PypeError, toCodedError } from '../../core/errors.js'
import { type Emit, toEventError } from '../../core/events.js'
import type { FramePath } from '../../core/frame.js'
import { leavesCommitOpen } from '../checkpoint/open-commit.js'
import { Bound } from './bound.js'
import { type FrameState, noteFailure } from './frames.js'
import type { Cause, End } from './settle.js'

/** What running the sub flows of a walk needs. */
export interface ActiveDeps {
  /** Runs a sub flow with all its attempts, to its commit. Rejects with a coded error when it failed or was aborted. */
  readonly runSubFlow: (name: string, frame: FramePath, signal: AbortSignal, cause: Cause) => Promise<void>
  readonly onEnd: (name: string, frame: FramePath, end: End, error: PypeError | undefined) => void
  readonly emit: Emit
  /** Sub flows that may run at once. */
  readonly threads: number
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

  /** Runs a sub flow when its turn has come. Undefined: the run stopped before. */
  run(name: string, frame: FrameState, cause: Cause): Promise<End | undefined> {
    return this.#bound.run(() => this.#runNow(name, frame, cause))
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

  async #runNow(name: string, frame: FrameState, cause: Cause): Promise<End | undefined> {
    const { stops, runSubFlow, emit, onEnd } = this.#deps
    const handlesFailure = cause === 'failure'
    if (stops()) return undefined
    // It waited for its turn, and something failed in between.
    if (this.#halted && !handlesFailure) return 'blocked'
    const active: Active = { controller: new AbortController(), handlesFailure }
    this.#active.add(active)
    const begun = performance.now()
    const seconds = () => (performance.now() - begun) / 1000
    try {
      await runSubFlow(name, frame.path, active.controller.signal, cause)
      emit({ type: 'subflow.completed', subFlow: name, frame: frame.path, seconds: seconds(), recorded: false })
      return 'completed'
    } catch (thrown) {
      const error = toCodedError(thrown)
      this.#hasOpenCommit ||= leavesCommitOpen(error)
      if (active.controller.signal.aborted && !leavesCommitOpen(error)) {
        onEnd(name, frame.path, 'cancelled', error)
        return 'cancelled'
      }
      emit({ type: 'subflow.failed', subFlow: name, frame: frame.path, seconds: seconds(), error: toEventError(error) })
      onEnd(name, frame.path, 'failed', error)
      this.fail(error, frame)
      return 'failed'
    } finally {
      this.#active.delete(active)
    }
  }
}
