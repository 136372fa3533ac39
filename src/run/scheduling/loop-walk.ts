import type { ActiveSubFlows } from './active-sub-flows.js'
import { type FrameState, gatherExits, noteGap, type OpenLoop, openFrame, type Settled, settleExit, settleUnwalkedExit } from './frames.js'
import type { PlannedConnection, PlannedLoop } from './plan-walk.js'
import { addCounts, type Cause, type EndCounts } from './settle.js'
import type { Progress } from './strands.js'
import type { WalkDeps } from './walk-deps.js'
import type { WalkStrand, WalkStrands } from './walk-tasks.js'

/** What the walk of loops stands on. */
export interface LoopWalkDeps extends Pick<WalkDeps, 'loops' | 'recorded' | 'emit' | 'threads'> {
  readonly halts: boolean
  readonly active: ActiveSubFlows
  readonly strands: WalkStrands
  /** Of the whole walk. */
  readonly ends: EndCounts
}

/*
 * A loop
 *   taken -> lanes       a strand for each of the frames that may be open at once
 *   taken -> left        it has no list, or `halt` keeps it from its first frame
 *   lanes -> next pass   in each lane, one after the other: begins, is walked from the loop's target on, ends
 *   lanes -> left        when the last lane has nothing more to take
 */

/** Walks loops: opens their frames, lets each be walked, and settles what leaves a loop from what its frames came to. */
export class LoopWalk {
  readonly #deps: LoopWalkDeps
  /** The strand that takes the passes a frame belongs to: what is started in the background of a frame ends with it. */
  readonly #keepers = new WeakMap<FrameState, WalkStrand>()

  constructor(deps: LoopWalkDeps) {
    this.#deps = deps
  }

  /** The strand that ends only after all that goes on in a frame; undefined for the root frame. */
  keeperOf(frame: FrameState): WalkStrand | undefined {
    return this.#keepers.get(frame)
  }

  /** Whether `halt` keeps a loop from its first frame. */
  isKept(cause: Cause): boolean {
    return this.#deps.active.halted && cause !== 'failure'
  }

  takeLoop(strand: WalkStrand, plan: PlannedLoop, incoming: PlannedConnection, settled: Settled, length: number | undefined): void {
    if (settled.verdict !== 'taken' || length === undefined || (length > 0 && this.isKept(settled.cause))) {
      if (settled.verdict === 'taken') noteGap(strand.frame)
      const blocked = settled.verdict !== 'not taken'
      strand.stack.push({ kind: 'exits', exits: plan.exits.map((exit) => [exit, settleUnwalkedExit(exit, blocked)]), next: 0 })
      return
    }
    const loop = this.#openLoop(strand.frame, plan, incoming, settled.cause, length)
    const { from, to } = plan.connection
    this.#deps.emit({ type: 'loop.started', from, to, frame: strand.frame.path, items: length, recorded: loop.recorded?.size ?? 0 })
    strand.stack.push({ kind: 'end loop', loop }, { kind: 'lanes', loop })
  }

  #openLoop(outer: FrameState, plan: PlannedLoop, incoming: PlannedConnection, cause: Cause, length: number): OpenLoop {
    const recorded = this.#deps.recorded.passes(plan, outer.path)
    const exits = new Map<PlannedConnection, Settled>()
    for (const exit of plan.exits) {
      const verdict = recorded?.exitOf(exit)
      if (verdict !== undefined) exits.set(exit, { verdict, cause })
    }
    if (recorded !== undefined) {
      addCounts(this.#deps.ends, recorded.counts)
      addCounts(outer.counts, recorded.counts)
    }
    return { plan, incoming, outer, cause, length, recorded, next: 0, exits, failed: false, isWhole: true }
  }

  openLanes(strand: WalkStrand, loop: OpenLoop): Progress {
    // A frame that is open beyond the threads would only wait, and hold its item meanwhile.
    const lanes = Math.min(loop.plan.connection.concurrency ?? 1, loop.length, Math.max(1, this.#deps.threads))
    for (let lane = 0; lane < lanes; lane++) this.#deps.strands.spawn(strand.frame, { kind: 'next pass', loop }, strand)
    return lanes === 0 ? 'ready' : 'suspended'
  }

  nextPass(lane: WalkStrand, loop: OpenLoop): Progress {
    while (loop.next < loop.length && loop.recorded?.has(loop.next)) loop.next++
    if (loop.next >= loop.length || (this.#deps.halts && loop.failed)) return 'ready'
    const frame = openFrame([...loop.outer.path, loop.next++], loop)
    this.#keepers.set(frame, lane)
    lane.stack.push({ kind: 'next pass', loop }, { kind: 'end pass', loop, frame }, { kind: 'begin pass', loop, frame })
    return this.#deps.strands.suspend(lane, this.#deps.loops.beginFrame(loop.plan, frame.path), () => {})
  }

  beginPass(lane: WalkStrand, loop: OpenLoop, frame: FrameState): Progress {
    const { from, to } = loop.plan.connection
    this.#deps.emit({ type: 'frame.started', from, to, frame: frame.path })
    this.#deps.strands.spawn(frame, { kind: 'first', loop }, lane)
    return 'suspended'
  }

  endPass(loop: OpenLoop, frame: FrameState): void {
    const { from, to } = loop.plan.connection
    gatherExits(loop, frame)
    addCounts(loop.outer.counts, frame.counts)
    this.#deps.loops.endFrame(loop.plan, frame.path, frame)
    this.#deps.emit({ type: 'frame.ended', from, to, frame: frame.path, failed: frame.failed })
  }

  endLoop(strand: WalkStrand, loop: OpenLoop): Progress {
    const { plan } = loop
    strand.stack.push({ kind: 'exits', exits: plan.exits.map((exit) => [exit, settleExit(loop, exit)]), next: 0 })
    return this.#deps.strands.suspend(strand, this.#deps.loops.close(plan, strand.frame.path), () => {})
  }
}
