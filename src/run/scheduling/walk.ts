import type { Dag, ExecutionMetadata } from '../../core/dag.js'
import { PypeError, toCodedError } from '../../core/errors.js'
import { type Emit, toEventError } from '../../core/events.js'
import { type FramePath, ROOT_FRAME } from '../../core/frame.js'
import { ActiveSubFlows } from './active-sub-flows.js'
import {
  type FrameState,
  findLookup,
  gatherExits,
  leavesLoop,
  noteGap,
  type OpenLoop,
  openFrame,
  type Settled,
  settleExit,
  settleUnwalkedExit,
} from './frames.js'
import { type PlannedConnection, type PlannedLoop, type PlannedSubFlow, planWalk, type WalkPlan } from './plan-walk.js'
import type { Recorded } from './recorded.js'
import {
  addCounts,
  addSettled,
  type Cause,
  causeBehind,
  decideJoin,
  type End,
  type EndCounts,
  type Join,
  judgeEnd,
  noEnds,
  openJoin,
  type Verdict,
} from './settle.js'
import { type Strand, Strands } from './strands.js'

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
  readonly ends: { readonly [end in End]: number }
}

/** A sub flow that has ended, while the walk takes what leaves it. */
interface Leaving {
  readonly subFlow: PlannedSubFlow
  readonly end: End
  /** Why it was started. */
  readonly cause: Cause
}

/** What a strand does next. A loop opens a strand per concurrent frame, which takes one pass after the other. */
type Task =
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

type WalkStrand = Strand<FrameState, Task>
type Progress = 'ready' | 'suspended'

/** What a look at a connection came to; a list that an iterate connection opens has a number of items. */
type Looked = { readonly verdict: Verdict; readonly items?: number } | PypeError

/** Walks a flow, depth first by priority. Resolves when every walk has ended; rejects only when the run itself cannot go on. */
export async function walk(dag: Dag, metadata: ExecutionMetadata, deps: WalkDeps): Promise<WalkResult> {
  return new Walk(planWalk(dag, metadata), metadata.settings.fail_strategy === 'halt', deps).run()
}

class Walk {
  readonly #plan: WalkPlan
  readonly #halts: boolean
  readonly #deps: WalkDeps
  readonly #active: ActiveSubFlows
  readonly #strands: Strands<FrameState, Task>
  /** The strand that takes the passes a frame belongs to: what is started in the background of a frame ends with it. */
  readonly #keepers = new WeakMap<FrameState, WalkStrand>()
  readonly #ends = noEnds()

  constructor(plan: WalkPlan, halts: boolean, deps: WalkDeps) {
    this.#plan = plan
    this.#halts = halts
    this.#deps = deps
    this.#active = new ActiveSubFlows({ ...deps, halts, stops: () => this.#stops() })
    this.#strands = new Strands(
      (strand, task) => this.#perform(strand, task),
      () => deps.signal.aborted || this.#active.hasOpenCommit,
    )
  }

  async run(): Promise<WalkResult> {
    const stop = () => this.#active.abort(this.#deps.signal.reason)
    this.#deps.signal.addEventListener('abort', stop, { once: true })
    this.#strands.spawn(openFrame(ROOT_FRAME, undefined), { kind: 'roots', next: 0 }, undefined)
    try {
      await this.#strands.run()
    } finally {
      this.#deps.signal.removeEventListener('abort', stop)
    }
    return { failures: this.#active.failures, ends: this.#ends }
  }

  #stops(): boolean {
    return this.#deps.signal.aborted || this.#active.hasOpenCommit || this.#strands.isBroken
  }

  #perform(strand: WalkStrand, task: Task): Progress {
    switch (task.kind) {
      case 'roots':
        return this.#takeRoot(strand, task.next)
      case 'groups':
        return this.#takeGroup(strand, task.leaving, task.next)
      case 'look':
        return this.#look(strand, task.leaving, task.planned)
      case 'enter':
        return this.#enter(strand, task.name, task.cause)
      case 'lanes':
        return this.#openLanes(strand, task.loop)
      case 'next pass':
        return this.#nextPass(strand, task.loop)
      case 'begin pass':
        return this.#beginPass(strand, task.loop, task.frame)
      case 'first':
        return this.#arrive(strand, task.loop.incoming, { verdict: 'taken', cause: task.loop.cause })
      case 'end pass':
        return this.#endPass(task.loop, task.frame)
      case 'end loop':
        return this.#endLoop(strand, task.loop)
      case 'exits':
        return this.#takeExit(strand, task.exits, task.next)
    }
  }

  #takeRoot(strand: WalkStrand, next: number): Progress {
    const name = this.#plan.roots[next]
    if (name === undefined) return 'ready'
    strand.stack.push({ kind: 'roots', next: next + 1 })
    if (!this.#isHaltedFor(name, strand.frame)) return this.#enter(strand, name, 'ordinary')
    return this.#leave(strand, this.#subFlow(name), 'blocked', 'ordinary')
  }

  #takeGroup(strand: WalkStrand, leaving: Leaving, next: number): Progress {
    const { groups } = leaving.subFlow
    const group = groups[next] ?? []
    // Nothing is left on the stack behind the last group, so that a chain keeps it flat.
    if (next + 1 < groups.length) strand.stack.push({ kind: 'groups', leaving, next: next + 1 })
    if (group.length === 1 && group[0] !== undefined) return this.#look(strand, leaving, group[0])
    for (const planned of group) this.#strands.spawn(strand.frame, { kind: 'look', leaving, planned }, strand)
    return group.length === 0 ? 'ready' : 'suspended'
  }

  #look(strand: WalkStrand, leaving: Leaving, planned: PlannedConnection): Progress {
    const { connection, crossing } = planned
    const recorded = leaving.end === 'completed' ? this.#deps.recorded.settled(planned, strand.frame.path) : undefined
    const judged = recorded ?? judgeEnd(connection.type, leaving.end)
    const isOpen = judged === 'open' && connection.condition !== null
    const opensList = crossing === 'loop' && (judged === 'open' || judged === 'taken')
    if (!isOpen && !opensList) {
      return this.#settleLooked(strand, leaving, planned, { verdict: judged === 'open' ? 'taken' : judged }, recorded !== undefined)
    }
    const looked = this.#evaluate(strand.frame, leaving, planned, isOpen).catch((error: unknown): Looked => toCodedError(error))
    return this.#strands.suspend(strand, looked, (found) => {
      if (this.#stops()) return
      if (found instanceof PypeError) this.#active.fail(found, strand.frame)
      this.#settleLooked(strand, leaving, planned, found, recorded !== undefined)
    })
  }

  async #evaluate({ path }: FrameState, leaving: Leaving, planned: PlannedConnection, isOpen: boolean): Promise<Looked> {
    const { signal, evaluate, loops } = this.#deps
    if (isOpen && (await evaluate(planned, path, signal)) !== true) return { verdict: 'not taken' }
    const loop = this.#plan.loops.get(planned.connection)
    if (loop === undefined || this.#isKept(leaving.cause)) return { verdict: 'taken' }
    return { verdict: 'taken', items: await loops.open(loop, path, signal) }
  }

  #settleLooked(strand: WalkStrand, leaving: Leaving, planned: PlannedConnection, found: Looked, isRecorded: boolean): Progress {
    const verdict = found instanceof PypeError ? 'blocking' : found.verdict
    const { type } = planned.connection
    const settled = { verdict, cause: verdict === 'taken' ? causeBehind(type, leaving.end, leaving.cause) : 'ordinary' } as const
    this.#note(strand.frame, planned, verdict, found instanceof PypeError ? found : undefined, isRecorded)
    const loop = this.#plan.loops.get(planned.connection)
    if (loop !== undefined) return this.#takeLoop(strand, loop, planned, settled, found instanceof PypeError ? undefined : found.items)
    if (leavesLoop(strand.frame, planned)) {
      strand.frame.exits.set(planned, settled)
      return 'ready'
    }
    if (planned.crossing === 'lookup') {
      strand.frame.lookups.set(planned, settled)
      return 'ready'
    }
    return this.#arrive(strand, planned, settled)
  }

  #note(frame: FrameState, planned: PlannedConnection, verdict: Verdict, error: PypeError | undefined, isRecorded: boolean): void {
    const { from, to } = planned.connection
    if (!isRecorded) this.#deps.onSettled(planned, frame.path, verdict)
    if (verdict === 'taken') {
      this.#deps.emit({ type: 'valve.taken', from, to, frame: frame.path })
      return
    }
    const failure = error === undefined ? {} : { error: toEventError(error) }
    this.#deps.emit({ type: 'valve.closed', from, to, frame: frame.path, blocking: verdict === 'blocking', ...failure })
  }

  /** Counts a settled connection for the sub flow that it leads to, which may start now. */
  #arrive(strand: WalkStrand, planned: PlannedConnection, settled: Settled): Progress {
    const target = this.#subFlow(planned.to)
    const join = this.#joinOf(strand.frame, target)
    addSettled(join, planned.connection.boundary, settled)
    if (join.open === 0) strand.frame.joins.delete(target.name)
    const decision = decideJoin(join, target.isGate, this.#isHaltedFor(target.name, strand.frame))
    if (decision === 'wait') return 'ready'
    if (decision !== 'start') return this.#leave(strand, target, decision, 'ordinary')
    join.started = true
    const task: Task = { kind: 'enter', name: target.name, cause: join.cause }
    const inBackground = planned.connection.type === 'start' && settled.verdict === 'taken'
    if (inBackground) this.#strands.spawn(strand.frame, task, this.#keepers.get(strand.frame))
    else strand.stack.push(task)
    return 'ready'
  }

  /** A join that is opened inside of a loop counts what came from outside as it was settled there. */
  #joinOf(frame: FrameState, target: PlannedSubFlow): Join {
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

  #enter(strand: WalkStrand, name: string, cause: Cause): Progress {
    const { path } = strand.frame
    const subFlow = this.#subFlow(name)
    if (this.#deps.recorded.isCompleted(name, path)) {
      this.#deps.onRecorded(name, path)
      this.#deps.emit({ type: 'subflow.completed', subFlow: name, frame: path, seconds: 0, recorded: true })
      return this.#leave(strand, subFlow, 'completed', cause)
    }
    return this.#strands.suspend(strand, this.#active.run(name, strand.frame, cause), (end) => {
      if (end !== undefined) this.#leave(strand, subFlow, end, cause)
    })
  }

  /** Notes the end of a sub flow; what leaves it comes next. */
  #leave(strand: WalkStrand, subFlow: PlannedSubFlow, end: End, cause: Cause): Progress {
    const { path } = strand.frame
    this.#ends[end]++
    strand.frame.counts[end]++
    if (end !== 'completed' && end !== 'skipped') noteGap(strand.frame)
    if (end === 'skipped') this.#deps.emit({ type: 'subflow.skipped', subFlow: subFlow.name, frame: path })
    if (end === 'blocked') this.#deps.emit({ type: 'subflow.blocked', subFlow: subFlow.name, frame: path })
    if (end === 'cancelled') this.#deps.emit({ type: 'subflow.cancelled', subFlow: subFlow.name, frame: path })
    if (end !== 'failed' && end !== 'cancelled') this.#deps.onEnd(subFlow.name, path, end, undefined)
    if (subFlow.groups.length > 0) strand.stack.push({ kind: 'groups', leaving: { subFlow, end, cause }, next: 0 })
    return 'ready'
  }

  #takeLoop(strand: WalkStrand, plan: PlannedLoop, incoming: PlannedConnection, settled: Settled, length: number | undefined): Progress {
    if (settled.verdict !== 'taken' || length === undefined || (length > 0 && this.#isKept(settled.cause))) {
      if (settled.verdict === 'taken') noteGap(strand.frame)
      const blocked = settled.verdict !== 'not taken'
      strand.stack.push({ kind: 'exits', exits: plan.exits.map((exit) => [exit, settleUnwalkedExit(exit, blocked)]), next: 0 })
      return 'ready'
    }
    const loop = this.#openLoop(strand.frame, plan, incoming, settled.cause, length)
    const { from, to } = plan.connection
    this.#deps.emit({ type: 'loop.started', from, to, frame: strand.frame.path, items: length })
    strand.stack.push({ kind: 'end loop', loop }, { kind: 'lanes', loop })
    return 'ready'
  }

  #openLoop(outer: FrameState, plan: PlannedLoop, incoming: PlannedConnection, cause: Cause, length: number): OpenLoop {
    const recorded = this.#deps.recorded.passes(plan, outer.path)
    const exits = new Map<PlannedConnection, Settled>()
    for (const exit of plan.exits) {
      const verdict = recorded?.exitOf(exit)
      if (verdict !== undefined) exits.set(exit, { verdict, cause })
    }
    if (recorded !== undefined) {
      addCounts(this.#ends, recorded.counts)
      addCounts(outer.counts, recorded.counts)
    }
    return { plan, incoming, outer, cause, length, recorded, next: 0, exits, failed: false, isWhole: true }
  }

  #openLanes(strand: WalkStrand, loop: OpenLoop): Progress {
    // A frame that is open beyond the threads would only wait, and hold its item meanwhile.
    const lanes = Math.min(loop.plan.connection.concurrency ?? 1, loop.length, Math.max(1, this.#deps.threads))
    for (let lane = 0; lane < lanes; lane++) this.#strands.spawn(strand.frame, { kind: 'next pass', loop }, strand)
    return lanes === 0 ? 'ready' : 'suspended'
  }

  #nextPass(lane: WalkStrand, loop: OpenLoop): Progress {
    while (loop.next < loop.length && loop.recorded?.has(loop.next)) loop.next++
    if (loop.next >= loop.length || (this.#halts && loop.failed)) return 'ready'
    const frame = openFrame([...loop.outer.path, loop.next++], loop)
    this.#keepers.set(frame, lane)
    lane.stack.push({ kind: 'next pass', loop }, { kind: 'end pass', loop, frame }, { kind: 'begin pass', loop, frame })
    return this.#strands.suspend(lane, this.#deps.loops.beginFrame(loop.plan, frame.path), () => {})
  }

  #beginPass(lane: WalkStrand, loop: OpenLoop, frame: FrameState): Progress {
    const { from, to } = loop.plan.connection
    this.#deps.emit({ type: 'frame.started', from, to, frame: frame.path })
    this.#strands.spawn(frame, { kind: 'first', loop }, lane)
    return 'suspended'
  }

  #endPass(loop: OpenLoop, frame: FrameState): Progress {
    const { from, to } = loop.plan.connection
    gatherExits(loop, frame)
    addCounts(loop.outer.counts, frame.counts)
    this.#deps.loops.endFrame(loop.plan, frame.path, frame)
    this.#deps.emit({ type: 'frame.ended', from, to, frame: frame.path, failed: frame.failed })
    return 'ready'
  }

  #endLoop(strand: WalkStrand, loop: OpenLoop): Progress {
    const { plan } = loop
    strand.stack.push({ kind: 'exits', exits: plan.exits.map((exit) => [exit, settleExit(loop, exit)]), next: 0 })
    return this.#strands.suspend(strand, this.#deps.loops.close(plan, strand.frame.path), () => {})
  }

  /** Settles what leaves a loop, each with its whole subtree before the next one. */
  #takeExit(strand: WalkStrand, exits: readonly (readonly [PlannedConnection, Settled])[], next: number): Progress {
    const [planned, gathered] = exits[next] ?? []
    if (planned === undefined || gathered === undefined) return 'ready'
    if (next + 1 < exits.length) strand.stack.push({ kind: 'exits', exits, next: next + 1 })
    // Never taken from the records: it follows from what the passes came to.
    this.#note(strand.frame, planned, gathered.verdict, undefined, false)
    if (!leavesLoop(strand.frame, planned)) return this.#arrive(strand, planned, gathered)
    strand.frame.exits.set(planned, gathered)
    return 'ready'
  }

  /** Whether `halt` keeps a loop from its first frame. */
  #isKept(cause: Cause): boolean {
    return this.#active.halted && cause !== 'failure'
  }

  /** Whether `halt` keeps a sub flow from starting. One that has completed in an earlier process does not start. */
  #isHaltedFor(name: string, { path }: FrameState): boolean {
    return this.#active.halted && !this.#deps.recorded.isCompleted(name, path)
  }

  #subFlow(name: string): PlannedSubFlow {
    const subFlow = this.#plan.subFlows.get(name)
    if (subFlow === undefined) throw new PypeError('INTERNAL', `The dag names the sub flow "${name}" and does not have it.`)
    return subFlow
  }
}
