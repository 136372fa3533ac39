import type { SubFlow } from '../../../core/dag.js'
import type { FramePath } from '../../../core/frame.js'
import type { Json } from '../../../core/json.js'
import type { Staging } from '../staging.js'
import type { SubFlowOutcome } from './sub-flow-outcome.js'

/** One attempt of one sub flow in one frame. */
export interface SubFlowTask {
  readonly name: string
  readonly subFlow: SubFlow
  readonly frame: FramePath
  /** Counts from 1. */
  readonly attempt: number
  readonly iterItem: Json | undefined
  readonly iterIndex: number | undefined
  /** Aborted by a cancel, a timeout, or a failure elsewhere under `halt`. */
  readonly signal: AbortSignal
  /** Where the sinks of this attempt stage their output. */
  readonly staging: Staging
  /** Told the globals that the node which failed has set, by `node__name` in lower case, before the attempt rejects. */
  readonly onFailed: (globals: SubFlowOutcome['globals']) => void
}
