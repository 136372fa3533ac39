import type { Dag, ExecutionMetadata } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { type Emit, toEventError } from '../../core/events.js'
import { type FramePath, ROOT_FRAME } from '../../core/frame.js'
import { Bound } from './bound.js'
import { type PlannedConnection, type PlannedSubFlow, planWalk, type WalkPlan } from './plan-walk.js'
import { decideJoin, type End, type Join, judgeEnd, openJoin, type Verdict } from './settle.js'
import { type Strand, Strands } from './strands.js'

/** What an earlier process recorded of this run; empty in a fresh one. */
export interface Recorded {
  /** A sub flow that completed is not run again. */
  isCompleted(subFlow: string, frame: FramePath): boolean
  /** A connection that was settled is not evaluated again. */
  settled(from: string, to: string, frame: FramePath): Verdict | undefined
}

/** What the walk needs from the run around it. */
export interface WalkDeps {
  /** Runs a sub flow with all its attempts, to its commit. Rejects with a coded error when it failed or was aborted. */
  readonly runSubFlow: (name: string, frame: FramePath, signal: AbortSignal) => Promise<void>
  readonly evaluate: (planned: PlannedConnection, frame: FramePath, signal: AbortSignal) => Promise<boolean | null>
  readonly recorded: Recorded
  /** Told before anything acts on it. */
  readonly onSettled: (planned: PlannedConnection, frame: FramePath, verdict: Verdict) => void
  readonly onEnd: (name: string, frame: FramePath, end: End, error: PypeError | undefined) => void
  readonly emit: Emit
  /** Sub flows that may run at once. */
  readonly threads: number
  /** Aborted by a cancel or the timeout. */
  readonly signal: AbortSignal
}

/** What failed on the way, in order of time: sub flows, and conditions that could not be evaluated. */
export interface WalkResult {
  readonly failures: readonly PypeError[]
  readonly ends: { readonly [end in End]: number }
}

/** What is open of one frame: the root frame, and later each pass of a loop. */
interface FrameState {
  readonly path: FramePath
  readonly joins: Map<string, Join>
}

/** A sub flow that has ended, while the walk takes what leaves it. */
interface Leaving {
  readonly subFlow: PlannedSubFlow
  readonly end: End
  readonly handlesFailure: boolean
}

type Task =
  | { readonly kind: 'roots'; readonly next: number }
  | { readonly kind: 'groups'; readonly leaving: Leaving; readonly next: number }
  | { readonly kind: 'look'; readonly leaving: Leaving; readonly planned: PlannedConnection }
  | { readonly kind: 'enter'; readonly name: string; readonly handlesFailure: boolean }

type WalkStrand = Strand<FrameState, Task>

interface Running {
  readonly controller: AbortController
  readonly handlesFailure: boolean
}

/** Walks a flow, depth first by priority. Resolves when every walk has ended; rejects only when the run itself cannot go on. */
export async function walk(dag: Dag, metadata: ExecutionMetadata, deps: WalkDeps): Promise<WalkResult> {
  return new Walk(planWalk(dag, metadata), metadata.settings.fail_strategy === 'halt', deps).run()
}

class Walk {
  readonly #plan: WalkPlan
  readonly #halts: boolean
  readonly #deps: WalkDeps
  readonly #bound: Bound
  readonly #strands: Strands<FrameState, Task>
  readonly #running = new Set<Running>()
  readonly #failures: PypeError[] = []
  readonly #ends = { completed: 0, failed: 0, skipped: 0, blocked: 0, cancelled: 0 }
  #halted = false

  constructor(plan: WalkPlan, halts: boolean, deps: WalkDeps) {
    this.#plan = plan
    this.#halts = halts
    this.#deps = deps
    this.#bound = new Bound(deps.threads)
    this.#strands = new Strands(
      (strand, task) => this.#perform(strand, task),
      () => deps.signal.aborted,
    )
  }

  async run(): Promise<WalkResult> {
    const stop = () => {
      for (const running of this.#running) running.controller.abort(this.#deps.signal.reason)
    }
    this.#deps.signal.addEventListener('abort', stop, { once: true })
    this.#strands.spawn({ path: ROOT_FRAME, joins: new Map() }, { kind: 'roots', next: 0 }, undefined)
    try {
      await this.#strands.run()
    } finally {
      this.#deps.signal.removeEventListener('abort', stop)
    }
    return { failures: this.#failures, ends: this.#ends }
  }

  #stops(): boolean {
    return this.#deps.signal.aborted || this.#strands.isBroken
  }

  #perform(strand: WalkStrand, task: Task): 'ready' | 'suspended' {
    switch (task.kind) {
      case 'roots': {
        const name = this.#plan.roots[task.next]
        if (name === undefined) return 'ready'
        strand.stack.push({ kind: 'roots', next: task.next + 1 })
        if (!this.#halted) return this.#enter(strand, name, false)
        this.#leave(strand, this.#subFlow(name), 'blocked', false)
        return 'ready'
      }
      case 'groups':
        return this.#takeGroup(strand, task.leaving, task.next)
      case 'look':
        return this.#look(strand, task.leaving, task.planned)
      case 'enter':
        return this.#enter(strand, task.name, task.handlesFailure)
    }
  }

  #takeGroup(strand: WalkStrand, leaving: Leaving, next: number): 'ready' | 'suspended' {
    const { groups } = leaving.subFlow
    const group = groups[next] ?? []
    // Nothing is left on the stack behind the last group, so that a chain keeps it flat.
    if (next + 1 < groups.length) strand.stack.push({ kind: 'groups', leaving, next: next + 1 })
    if (group.length === 1 && group[0] !== undefined) return this.#look(strand, leaving, group[0])
    for (const planned of group) this.#strands.spawn(strand.frame, { kind: 'look', leaving, planned }, strand)
    return group.length === 0 ? 'ready' : 'suspended'
  }

  #look(strand: WalkStrand, leaving: Leaving, planned: PlannedConnection): 'ready' | 'suspended' {
    const { connection } = planned
    const recorded = this.#deps.recorded.settled(connection.from, connection.to, strand.frame.path)
    const judged = recorded ?? judgeEnd(connection.type, leaving.end)
    if (judged === 'open' && connection.condition !== null) {
      const evaluated = this.#deps.evaluate(planned, strand.frame.path, this.#deps.signal).then(
        (holds): Verdict => (holds === true ? 'taken' : 'not taken'),
        (error: unknown) => toCodedError(error),
      )
      return this.#strands.suspend(strand, evaluated, (verdict) => {
        if (this.#stops()) return
        if (verdict instanceof PypeError) this.#fail(verdict)
        this.#settle(strand, leaving, planned, verdict)
      })
    }
    this.#settle(strand, leaving, planned, judged === 'open' ? 'taken' : judged, recorded !== undefined)
    return 'ready'
  }

  #settle(strand: WalkStrand, leaving: Leaving, planned: PlannedConnection, outcome: Verdict | PypeError, recorded = false): void {
    const { frame } = strand
    const { from, to, type, boundary } = planned.connection
    const verdict = outcome instanceof PypeError ? 'blocking' : outcome
    if (!recorded) this.#deps.onSettled(planned, frame.path, verdict)
    if (verdict === 'taken') this.#deps.emit({ type: 'valve.taken', from, to, frame: frame.path })
    else {
      const error = outcome instanceof PypeError ? { error: toEventError(outcome) } : {}
      this.#deps.emit({ type: 'valve.closed', from, to, frame: frame.path, blocking: verdict === 'blocking', ...error })
    }
    const target = this.#subFlow(planned.to)
    const join = frame.joins.get(target.name) ?? openJoin(target.incoming)
    frame.joins.set(target.name, join)
    join.open--
    if (verdict === 'taken') {
      join.taken = true
      join.handlesFailure ||= leaving.handlesFailure || (leaving.end === 'failed' && (type === 'error' || type === 'done'))
    } else {
      join.blocking ||= verdict === 'blocking'
      join.rowsMissing ||= boundary
    }
    if (join.open > 0) return
    frame.joins.delete(target.name)
    this.#arrive(strand, target, join, type === 'start' && verdict === 'taken')
  }

  #arrive(strand: WalkStrand, target: PlannedSubFlow, join: Join, inBackground: boolean): void {
    const decision = decideJoin(join, this.#halted)
    if (decision !== 'start') {
      this.#leave(strand, target, decision, false)
      return
    }
    const task: Task = { kind: 'enter', name: target.name, handlesFailure: join.handlesFailure }
    if (inBackground) this.#strands.spawn(strand.frame, task, undefined)
    else strand.stack.push(task)
  }

  #enter(strand: WalkStrand, name: string, handlesFailure: boolean): 'ready' | 'suspended' {
    const { path } = strand.frame
    const subFlow = this.#subFlow(name)
    if (this.#deps.recorded.isCompleted(name, path)) {
      this.#deps.emit({ type: 'subflow.completed', subFlow: name, frame: path, seconds: 0, recorded: true })
      this.#leave(strand, subFlow, 'completed', handlesFailure)
      return 'ready'
    }
    const ended = this.#bound.run(() => this.#runOne(name, path, handlesFailure))
    return this.#strands.suspend(strand, ended, (end) => {
      if (end !== undefined) this.#leave(strand, subFlow, end, handlesFailure)
    })
  }

  /** Runs a sub flow when its turn has come. Undefined: the run stopped before. */
  async #runOne(name: string, frame: FramePath, handlesFailure: boolean): Promise<End | undefined> {
    if (this.#stops()) return undefined
    // It waited for its turn, and something failed in between.
    if (this.#halted && !handlesFailure) return 'blocked'
    const running: Running = { controller: new AbortController(), handlesFailure }
    this.#running.add(running)
    const begun = performance.now()
    const seconds = () => (performance.now() - begun) / 1000
    try {
      await this.#deps.runSubFlow(name, frame, running.controller.signal)
      this.#deps.emit({ type: 'subflow.completed', subFlow: name, frame, seconds: seconds(), recorded: false })
      return 'completed'
    } catch (thrown) {
      const error = toCodedError(thrown)
      if (running.controller.signal.aborted && error.code !== 'COMMIT_UNFINISHED') {
        this.#deps.onEnd(name, frame, 'cancelled', error)
        return 'cancelled'
      }
      this.#deps.emit({ type: 'subflow.failed', subFlow: name, frame, seconds: seconds(), error: toEventError(error) })
      this.#deps.onEnd(name, frame, 'failed', error)
      this.#fail(error)
      return 'failed'
    } finally {
      this.#running.delete(running)
    }
  }

  #fail(error: PypeError): void {
    this.#failures.push(error)
    if (!this.#halts) return
    this.#halted = true
    for (const { controller, handlesFailure } of this.#running) {
      if (!handlesFailure) controller.abort(new PypeError('CANCELLED', 'Cancelled because another sub flow failed.', { cause: error }))
    }
  }

  /** Notes the end of a sub flow; what leaves it comes next. */
  #leave(strand: WalkStrand, subFlow: PlannedSubFlow, end: End, handlesFailure: boolean): void {
    const { path } = strand.frame
    this.#ends[end]++
    if (end === 'skipped') this.#deps.emit({ type: 'subflow.skipped', subFlow: subFlow.name, frame: path })
    if (end === 'blocked') this.#deps.emit({ type: 'subflow.blocked', subFlow: subFlow.name, frame: path })
    if (end === 'cancelled') this.#deps.emit({ type: 'subflow.cancelled', subFlow: subFlow.name, frame: path })
    if (end !== 'failed' && end !== 'cancelled') this.#deps.onEnd(subFlow.name, path, end, undefined)
    if (subFlow.groups.length > 0) strand.stack.push({ kind: 'groups', leaving: { subFlow, end, handlesFailure }, next: 0 })
  }

  #subFlow(name: string): PlannedSubFlow {
    const subFlow = this.#plan.subFlows.get(name)
    if (subFlow === undefined) throw new PypeError('INTERNAL', `The dag names the sub flow "${name}" and does not have it.`)
    return subFlow
  }
}

function toCodedError(error: unknown): PypeError {
  if (error instanceof PypeError) return error
  return new PypeError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error })
}
