import type { FramePath } from '../../core/frame.js'
import type { PlannedConnection, PlannedLoop } from './plan-walk.js'
import type { EndCounts, Verdict } from './settle.js'

/** What earlier processes recorded of this run, as far as it still counts; nothing in a fresh one. */
export interface Recorded {
  /** A sub flow that completed is not run again. */
  isCompleted(subFlow: string, frame: FramePath): boolean
  /** How a connection was settled that leaves a sub flow which completed: it is not evaluated again. */
  settled(planned: PlannedConnection, frame: FramePath): Verdict | undefined
  /** The passes of a loop that need not be walked again; undefined when its list is not recorded. */
  passes(loop: PlannedLoop, frame: FramePath): RecordedPasses | undefined
}

/** What the passes of a loop came to that ended whole. */
export interface RecordedPasses {
  /** Whether the pass of this index is one of them. */
  has(index: number): boolean
  /** How many there are. */
  readonly size: number
  /** How they settled the connections that leave the loop, taken together. */
  exitOf(exit: PlannedConnection): Verdict | undefined
  readonly counts: Readonly<EndCounts>
}

/** In a fresh run. */
export const NOTHING_RECORDED: Recorded = {
  isCompleted: () => false,
  settled: () => undefined,
  passes: () => undefined,
}
