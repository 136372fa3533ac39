import type { Dag, ExecutionMetadata } from '../../core/dag.js'
import { PypeError, toCodedError } from '../../core/errors.js'
import { toEventError } from '../../core/events.js'
import { ROOT_FRAME } from '../../core/frame.js'
import { ActiveSubFlows } from './active-sub-flows.js'
import { type FrameState, joinOf, leavesLoop, noteGap, openFrame, type Settled } from './frames.js'
import { LoopWalk } from './loop-walk.js'
import { type PlannedConnection, type PlannedSubFlow, planWalk, type WalkPlan } from './plan-walk.js'
import { addSettled, type Cause, causeBehind, decideJoin, judgeEnd, noEnds, type Verdict } from './settle.js'
import { type Progress, Strands } from './strands.js'
import { type SubFlowEnd, toEndEvent } from './sub-flow-end.js'
import type { WalkDeps, WalkResult } from './walk-deps.js'
import type { Leaving, Looked, Task, WalkStrand, WalkStrands } from './walk-tasks.js'

/** Walks a flow, depth first by priority. Resolves when every walk has ended; rejects only when the run itself cannot go on. */
export async function walk(dag: Dag, metadata: ExecutionMetadata, deps: WalkDeps): Promise<WalkResult> {
  return new Walk(planWalk(dag, metadata), metadata.settings.fail_strategy === 'halt', deps).run()
}

class Walk {
  readonly #plan: WalkPlan
  readonly #deps: WalkDeps
  readonly #active: ActiveSubFlows
  readonly #strands: WalkStrands
  readonly #loops: LoopWalk
  readonly #ends = noEnds()

  constructor(plan: WalkPlan, halts: boolean, deps: WalkDeps) {
    this.#plan = plan
    this.#deps = deps
    this.#active = new ActiveSubFlows({ ...deps, halts, stops: () => this.#stops() })
    this.#strands = new Strands(
      (strand, task) => this.#perform(strand, task),
      () => deps.signal.aborted || this.#active.hasOpenCommit,
    )
    this.#loops = new LoopWalk({ ...deps, halts, active: this.#active, strands: this.#strands, ends: this.#ends })
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
        return this.#loops.openLanes(strand, task.loop)
      case 'next pass':
        return this.#loops.nextPass(strand, task.loop)
      case 'begin pass':
        return this.#loops.beginPass(strand, task.loop, task.frame)
      case 'first':
        this.#arrive(strand, task.loop.incoming, { verdict: 'taken', cause: task.loop.cause })
        return 'ready'
      case 'end pass':
        this.#loops.endPass(task.loop, task.frame)
        return 'ready'
      case 'end loop':
        return this.#loops.endLoop(strand, task.loop)
      case 'exits':
        this.#takeExit(strand, task.exits, task.next)
        return 'ready'
    }
  }

  #takeRoot(strand: WalkStrand, next: number): Progress {
    const name = this.#plan.roots[next]
    if (name === undefined) return 'ready'
    strand.stack.push({ kind: 'roots', next: next + 1 })
    if (!this.#isHaltedFor(name, strand.frame)) return this.#enter(strand, name, 'ordinary')
    this.#leave(strand, this.#subFlow(name), { end: 'blocked' }, 'ordinary')
    return 'ready'
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
    const asksCondition = judged === 'open' && connection.condition !== null
    const opensList = crossing === 'loop' && (judged === 'open' || judged === 'taken')
    if (!asksCondition && !opensList) {
      this.#settleLooked(strand, leaving, planned, { verdict: judged === 'open' ? 'taken' : judged }, recorded !== undefined)
      return 'ready'
    }
    const looked = this.#evaluate(strand.frame, leaving, planned, asksCondition).catch((error: unknown): Looked => toCodedError(error))
    return this.#strands.suspend(strand, looked, (found) => {
      if (this.#stops()) return
      if (found instanceof PypeError) this.#active.fail(found, strand.frame)
      this.#settleLooked(strand, leaving, planned, found, recorded !== undefined)
    })
  }

  async #evaluate({ path }: FrameState, leaving: Leaving, planned: PlannedConnection, asksCondition: boolean): Promise<Looked> {
    const { signal, evaluate, loops } = this.#deps
    if (asksCondition && (await evaluate(planned, path, signal)) !== true) return { verdict: 'not taken' }
    const loop = this.#plan.loops.get(planned.connection)
    if (loop === undefined || this.#loops.isKept(leaving.cause)) return { verdict: 'taken' }
    return { verdict: 'taken', items: await loops.open(loop, path, signal) }
  }

  #settleLooked(strand: WalkStrand, leaving: Leaving, planned: PlannedConnection, found: Looked, isRecorded: boolean): void {
    const verdict = found instanceof PypeError ? 'blocking' : found.verdict
    const { type } = planned.connection
    const settled = { verdict, cause: verdict === 'taken' ? causeBehind(type, leaving.end, leaving.cause) : 'ordinary' } as const
    this.#note(strand.frame, planned, verdict, found instanceof PypeError ? found : undefined, isRecorded)
    const loop = this.#plan.loops.get(planned.connection)
    if (loop !== undefined) this.#loops.takeLoop(strand, loop, planned, settled, found instanceof PypeError ? undefined : found.items)
    else if (leavesLoop(strand.frame, planned)) strand.frame.exits.set(planned, settled)
    else if (planned.crossing === 'lookup') strand.frame.lookups.set(planned, settled)
    else this.#arrive(strand, planned, settled)
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
  #arrive(strand: WalkStrand, planned: PlannedConnection, settled: Settled): void {
    const target = this.#subFlow(planned.to)
    const join = joinOf(strand.frame, target)
    addSettled(join, planned.connection.boundary, settled)
    if (join.open === 0) strand.frame.joins.delete(target.name)
    const decision = decideJoin(join, target.isGate, this.#isHaltedFor(target.name, strand.frame))
    if (decision === 'wait') return
    if (decision !== 'start') {
      this.#leave(strand, target, { end: decision }, 'ordinary')
      return
    }
    join.started = true
    const task: Task = { kind: 'enter', name: target.name, cause: join.cause }
    const inBackground = planned.connection.type === 'start' && settled.verdict === 'taken'
    if (inBackground) this.#strands.spawn(strand.frame, task, this.#loops.keeperOf(strand.frame))
    else strand.stack.push(task)
  }

  #enter(strand: WalkStrand, name: string, cause: Cause): Progress {
    const { path } = strand.frame
    const subFlow = this.#subFlow(name)
    if (this.#deps.recorded.isCompleted(name, path)) {
      this.#deps.onRecorded(name, path)
      this.#leave(strand, subFlow, { end: 'completed', seconds: 0, recorded: true }, cause)
      return 'ready'
    }
    const running = this.#active.run(name, path, cause, (ended) => this.#leave(strand, subFlow, ended, cause))
    return this.#strands.suspend(strand, running, () => {})
  }

  /** Notes and tells the end of a sub flow; what leaves it comes next. */
  #leave(strand: WalkStrand, subFlow: PlannedSubFlow, ended: SubFlowEnd, cause: Cause): void {
    const { frame } = strand
    const { end } = ended
    this.#ends[end]++
    frame.counts[end]++
    if (end !== 'completed' && end !== 'skipped') noteGap(frame)
    this.#deps.emit(toEndEvent(subFlow.name, frame.path, ended))
    this.#deps.onEnd(subFlow.name, frame.path, end, 'error' in ended ? ended.error : undefined)
    if (ended.end === 'failed') this.#active.fail(ended.error, frame)
    if (subFlow.groups.length > 0) strand.stack.push({ kind: 'groups', leaving: { subFlow, end, cause }, next: 0 })
  }

  /** Settles what leaves a loop, each with its whole subtree before the next one. */
  #takeExit(strand: WalkStrand, exits: readonly (readonly [PlannedConnection, Settled])[], next: number): void {
    const [planned, gathered] = exits[next] ?? []
    if (planned === undefined || gathered === undefined) return
    if (next + 1 < exits.length) strand.stack.push({ kind: 'exits', exits, next: next + 1 })
    // Never taken from the records: it follows from what the passes came to.
    this.#note(strand.frame, planned, gathered.verdict, undefined, false)
    if (leavesLoop(strand.frame, planned)) strand.frame.exits.set(planned, gathered)
    else this.#arrive(strand, planned, gathered)
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
