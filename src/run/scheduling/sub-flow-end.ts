import type { PypeError } from '../../core/errors.js'
import { type RunEvent, toEventError } from '../../core/events.js'
import type { FramePath } from '../../core/frame.js'

/** How a sub flow ended, with what there is to tell of it. */
export type SubFlowEnd =
  /** `recorded`: in an earlier process. */
  | { readonly end: 'completed'; readonly seconds: number; readonly recorded: boolean }
  | { readonly end: 'failed'; readonly seconds: number; readonly error: PypeError }
  | { readonly end: 'cancelled'; readonly error: PypeError }
  /** It has not started. */
  | { readonly end: 'skipped' | 'blocked' }

/** The event that tells how a sub flow ended. */
export function toEndEvent(subFlow: string, frame: FramePath, ended: SubFlowEnd): RunEvent {
  switch (ended.end) {
    case 'completed':
      return { type: 'subflow.completed', subFlow, frame, seconds: ended.seconds, recorded: ended.recorded }
    case 'failed':
      return { type: 'subflow.failed', subFlow, frame, seconds: ended.seconds, error: toEventError(ended.error) }
    default:
      return { type: `subflow.${ended.end}`, subFlow, frame }
  }
}
