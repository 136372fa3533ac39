import type { PypeError } from '../../core/errors.js'
import type { FrameState, OpenLoop, Settled } from './frames.js'
import type { PlannedConnection, PlannedSubFlow } from './plan-walk.js'
import type { Cause, End, Verdict } from './settle.js'
import type { Strand, Strands } from './strands.js'

/** A sub flow that has ended, while the walk takes what leaves it. */
export interface Leaving {
  readonly subFlow: PlannedSubFlow
  readonly end: End
  /** Why it was started. */
  readonly cause: Cause
}

/** What a strand does next. A loop opens a strand per concurrent frame, which takes one pass after the other. */
export type Task =
  | { readonly kind: 'roots'; readonly next: number }
  | { readonly kind: 'groups'; readonly leaving: Leaving; readonly next: number }
  | { readonly kind: 'look'; readonly leaving: Leaving; readonly planned: PlannedConnection }
  | { readonly kind: 'enter'; readonly name: string; readonly cause: Cause }
  | { readonly kind: 'lanes'; readonly loop: OpenLoop }
  | { readonly kind: 'next pass'; readonly loop: OpenLoop }
  | { readonly kind: 'begin pass'; readonly loop: OpenLoop; readonly frame: FrameState }
  | { readonly kind: 'first'; readonly loop: OpenLoop }
  | { readonly kind: 'end pass'; readonly loop: OpenLoop; readonly frame: FrameState }
  | { readonly kind: 'end loop'; readonly loop: OpenLoop }
  | { readonly kind: 'exits'; readonly exits: readonly (readonly [PlannedConnection, Settled])[]; readonly next: number }

/** What goes on in a frame, beside what else goes on there and elsewhere. */
export type WalkStrand = Strand<FrameState, Task>
export type WalkStrands = Strands<FrameState, Task>
/** What a look at a connection came to; a list that an iterate connection opens has a number of items. */
export type Looked = { readonly verdict: Verdict; readonly items?: number } | PypeError
