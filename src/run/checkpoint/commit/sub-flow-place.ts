import type { FramePath } from '../../../core/frame.js'

/** A sub flow in its frame. */
export interface SubFlowPlace {
  readonly subFlow: string
  readonly frame: FramePath
}

/** An attempt of a sub flow. */
export interface AttemptPlace extends SubFlowPlace {
  readonly attempt: number
  /** A part of hidden names that no other attempt has. */
  readonly token: string
}
