import type { FramePath } from '../../core/frame.js'
import type { PlannedConnection, PlannedLoop } from './plan-walk.js'
import type { Join, Verdict } from './settle.js'

/** How a connection was settled, and whether what starts through it handles a failure, so that `halt` lets it start. */
export interface Settled {
  readonly verdict: Verdict
  readonly handlesFailure: boolean
}

/** What is open of one frame: the root frame, or one pass of a loop. */
export interface FrameState {
  readonly path: FramePath
  readonly joins: Map<string, Join>
  /** The connections settled here that bring rows into loops. */
  readonly lookups: Map<PlannedConnection, Settled>
  /** The connections that were settled here and leave the loop. */
  readonly exits: Map<PlannedConnection, Settled>
  /** The loop that this is a pass of; undefined for the root frame. */
  readonly loop: OpenLoop | undefined
  /** A sub flow failed here or in a frame inside. */
  failed: boolean
}

/** A loop that is being walked. */
export interface OpenLoop {
  readonly plan: PlannedLoop
  /** The iterate connection. */
  readonly incoming: PlannedConnection
  /** The frame that it stands in. */
  readonly outer: FrameState
  /** It leaves a sub flow that handles a failure. */
  readonly handlesFailure: boolean
  /** Number of items. */
  readonly length: number
  /** Index of the frame that starts next. */
  next: number
  /** What the frames that have ended say of the connections that leave the loop. */
  readonly exits: Map<PlannedConnection, Settled>
  /** A sub flow failed in one of its frames. */
  failed: boolean
}

/** A frame of which nothing is settled yet. */
export function openFrame(path: FramePath, loop: OpenLoop | undefined): FrameState {
  return { path, joins: new Map(), lookups: new Map(), exits: new Map(), loop, failed: false }
}

/** Whether a connection that is settled in a frame leaves the loop that the frame is a pass of. */
export function leavesLoop({ loop }: FrameState, { to }: PlannedConnection): boolean {
  return loop !== undefined && !loop.plan.subFlows.has(to)
}

/** How a connection from outside of the loops around a frame was settled, in the nearest frame that knows. */
export function findLookup(frame: FrameState, lookup: PlannedConnection): Settled | undefined {
  for (let outer: FrameState | undefined = frame; outer !== undefined; outer = outer.loop?.outer) {
    const settled = outer.lookups.get(lookup)
    if (settled !== undefined) return settled
  }
  return undefined
}

/** Adds how one frame settled what leaves the loop: taken counts before blocking, and blocking before not taken. */
export function gatherExits(loop: OpenLoop, frame: FrameState): void {
  for (const [exit, settled] of frame.exits) {
    const known = loop.exits.get(exit)
    if (known === undefined || rank(settled) > rank(known)) loop.exits.set(exit, settled)
  }
}

/** How a connection that leaves a loop is settled after its last frame. */
export function settleExit(loop: OpenLoop, exit: PlannedConnection): Settled {
  return loop.exits.get(exit) ?? { verdict: 'not taken', handlesFailure: false }
}

/** The same for a loop that was not walked; `blocked`: because of a failure, so that only what handles failures is not blocking. */
export function settleUnwalkedExit({ connection: { type } }: PlannedConnection, blocked: boolean): Settled {
  return { verdict: blocked && type !== 'error' && type !== 'done' ? 'blocking' : 'not taken', handlesFailure: false }
}

/** Notes a failure in a frame and all around it. */
export function noteFailure(frame: FrameState): void {
  for (let outer: FrameState | undefined = frame; outer !== undefined; outer = outer.loop?.outer) {
    outer.failed = true
    if (outer.loop !== undefined) outer.loop.failed = true
  }
}

function rank({ verdict, handlesFailure }: Settled): number {
  if (verdict === 'taken') return handlesFailure ? 3 : 2
  return verdict === 'blocking' ? 1 : 0
}
