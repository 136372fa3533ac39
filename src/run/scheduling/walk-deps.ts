import type { PypeError } from '../../core/errors.js'
import type { Emit } from '../../core/events.js'
import type { FramePath } from '../../core/frame.js'
import type { Settled } from './frames.js'
import type { PlannedConnection, PlannedLoop } from './plan-walk.js'
import type { Recorded } from './recorded.js'
import type { Cause, End, EndCounts, Verdict } from './settle.js'

/** How a frame ended. */
export interface FrameEnd {
  /** A sub flow failed in it. */
  readonly failed: boolean
  /** Nothing in it failed, or was kept from running: a resume need not walk it again. */
  readonly isWhole: boolean
  /** The connections that leave the loop, as this frame settled them. */
  readonly exits: ReadonlyMap<PlannedConnection, Settled>
  /** Of the sub flows in it, and in the frames inside. */
  readonly counts: Readonly<EndCounts>
}

/** What the walk tells of loops to the run around it, which has the items. `frame` is the one that the loop stands in, or the pass. */
export interface LoopDeps {
  /** Records the whole list; resolves with the number of its items. Rejects when there is no list. */
  open(loop: PlannedLoop, frame: FramePath, signal: AbortSignal): Promise<number>
  /** Makes the item of a pass known. */
  beginFrame(loop: PlannedLoop, frame: FramePath): Promise<void>
  /** Records the end of a pass. */
  endFrame(loop: PlannedLoop, frame: FramePath, end: FrameEnd): void
  /** Told when the last pass has ended. */
  close(loop: PlannedLoop, frame: FramePath): Promise<void>
}

/** What the walk needs from the run around it. */
export interface WalkDeps {
  /** Runs a sub flow with all its attempts, to its commit. Rejects with a coded error when it failed or was aborted. */
  readonly runSubFlow: (name: string, frame: FramePath, signal: AbortSignal, cause: Cause) => Promise<void>
  readonly evaluate: (planned: PlannedConnection, frame: FramePath, signal: AbortSignal) => Promise<boolean | null>
  readonly loops: LoopDeps
  readonly recorded: Recorded
  /** Told of a recorded sub flow that the walk has come to, before anything looks at what it left behind. */
  readonly onRecorded: (name: string, frame: FramePath) => void
  /** Told before anything acts on it. */
  readonly onSettled: (planned: PlannedConnection, frame: FramePath, verdict: Verdict) => void
  readonly onEnd: (name: string, frame: FramePath, end: End, error: PypeError | undefined) => void
  readonly emit: Emit
  /** Sub flows that may run at once. */
  readonly threads: number
  /** Aborted by a cancel or the timeout. */
  readonly signal: AbortSignal
}

/** What failed on the way, in order of time: sub flows, and conditions that could not be evaluated. The first thousand. */
export interface WalkResult {
  readonly failures: readonly PypeError[]
  readonly ends: Readonly<EndCounts>
}
