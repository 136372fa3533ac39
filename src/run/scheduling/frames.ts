import { PypeError } from '../../core/errors.js'
import type { FramePath } from '../../core/frame.js'
import type { PlannedConnection, PlannedLoop, PlannedSubFlow } from './plan-walk.js'
import type { RecordedPasses } from './recorded.js'
import { addSettled, type Cause, catchesFailures, type EndCounts, type Join, noEnds, openJoin, type Verdict } from './settle.js'

/** How a connection was settled, and why what it leads to starts when it was taken. */
export interface Settled {
  readonly verdict: Verdict
  readonly cause: Cause
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
  /** Nothing here or in a frame inside failed, or was kept from running by a failure or a cancel. */
  isWhole: boolean
  /** Of the sub flows here and in the frames inside that have ended. */
  readonly counts: EndCounts
}

/** A loop that is being walked. */
export interface OpenLoop {
  readonly plan: PlannedLoop
  /** The iterate connection. */
  readonly incoming: PlannedConnection
  /** The frame that it stands in. */
  readonly outer: FrameState
  /** Why the sub flow was started that it leaves. */
  readonly cause: Cause
  /** Number of items. */
  readonly length: number
  /** What earlier processes have walked of it. */
  readonly recorded: RecordedPasses | undefined
  /** Index of the frame that starts next. */
  next: number
  /** What the frames that have ended say of the connections that leave the loop. */
  readonly exits: Map<PlannedConnection, Settled>
  /** A sub flow failed in one of its frames. */
  failed: boolean
  /** All its frames are whole so far. */
  isWhole: boolean
}

/** A frame of which nothing is settled yet. */
export function openFrame(path: FramePath, loop: OpenLoop | undefined): FrameState {
  return { path, joins: new Map(), lookups: new Map(), exits: new Map(), loop, failed: false, isWhole: true, counts: noEnds() }
}

/** Whether a connection that is settled in a frame leaves the loop that the frame is a pass of. */
export function leavesLoop({ loop }: FrameState, { to }: PlannedConnection): boolean {
  return loop !== undefined && !loop.plan.subFlows.has(to)
}

/** How a connection from outside of the loops around a frame was settled, in the nearest frame that knows. */
function findLookup(frame: FrameState, lookup: PlannedConnection): Settled | undefined {
  for (let outer: FrameState | undefined = frame; outer !== undefined; outer = outer.loop?.outer) {
    const settled = outer.lookups.get(lookup)
    if (settled !== undefined) return settled
  }
  return undefined
}

/** What is known of the connections into a sub flow. A join that is opened inside of a loop counts what came from outside as it was settled there. */
export function joinOf(frame: FrameState, target: PlannedSubFlow): Join {
  const open = frame.joins.get(target.name)
  if (open !== undefined) return open
  const join = openJoin(target.incoming)
  frame.joins.set(target.name, join)
  for (const lookup of target.lookups) {
    const settled = findLookup(frame, lookup)
    if (settled === undefined) throw new PypeError('INTERNAL', `${lookup.from} was to end before the loop around ${target.name}.`)
    addSettled(join, lookup.connection.boundary, settled)
  }
  return join
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
  const settled = loop.exits.get(exit) ?? { verdict: 'not taken', cause: 'ordinary' }
  const isEarly = !loop.isWhole && settled.verdict === 'taken' && settled.cause === 'ordinary' && catchesFailures(exit.connection.type)
  return isEarly ? { ...settled, cause: 'partial loop' } : settled
}

/** The same for a loop that was not walked; `blocked`: because of a failure, so that only what is there for failures is not blocking. */
export function settleUnwalkedExit({ connection: { type } }: PlannedConnection, blocked: boolean): Settled {
  return { verdict: blocked && !catchesFailures(type) ? 'blocking' : 'not taken', cause: 'ordinary' }
}

/** Notes a failure in a frame and all around it. */
export function noteFailure(frame: FrameState): void {
  for (let outer: FrameState | undefined = frame; outer !== undefined; outer = outer.loop?.outer) {
    outer.failed = true
    if (outer.loop !== undefined) outer.loop.failed = true
  }
  noteGap(frame)
}

/** Notes in a frame and all around it that something there has not run that was to. */
export function noteGap(frame: FrameState): void {
  for (let outer: FrameState | undefined = frame; outer !== undefined; outer = outer.loop?.outer) {
    outer.isWhole = false
    if (outer.loop !== undefined) outer.loop.isWhole = false
  }
}

function rank({ verdict, cause }: Settled): number {
  if (verdict === 'taken') return { ordinary: 2, 'partial loop': 3, failure: 4 }[cause]
  return verdict === 'blocking' ? 1 : 0
}
