import type { Dag, ExecutionMetadata } from '../core/dag.js'
import { PypeError } from '../core/errors.js'
import type { Emit } from '../core/events.js'
import { type FramePath, nameInFrame, nameWithoutFrame } from '../core/frame.js'
import type { Engine, TypedValue } from '../engine/engine.js'
import type { BoundaryArtifact } from './artifacts/boundary-file.js'
import type { Disk } from './checkpoint/files/disk.js'
import type { Journal } from './checkpoint/journal/journal.js'
import { LoopItems } from './execution/published/loop-items.js'
import type { SubFlowOutcome } from './execution/sub-flow/sub-flow-outcome.js'
import { diskOf, type OpenedRun, templateValues } from './opened-run.js'
import type { RecordedRun } from './resume/recorded-run.js'
import { ruleOf } from './resume/rule.js'
import { findBoundaryPorts, loopReader } from './scheduling/boundary-readers.js'
import { BoundaryStore } from './scheduling/boundary-store.js'
import { findLoops, type LoopPlace, type PlannedLoop } from './scheduling/plan-walk.js'
import type { End } from './scheduling/settle.js'
import type { FrameEnd, LoopDeps } from './scheduling/walk-deps.js'
import { GlobalStore } from './templating/global-store.js'
import type { Iteration } from './templating/iteration.js'
import { createLookup, type Lookup, type TemplateValues } from './templating/lookup.js'

/** What the state of a run stands on. */
export interface RunStateDeps {
  readonly dag: Dag
  readonly metadata: ExecutionMetadata
  readonly engine: Engine
  readonly journal: Journal
  readonly disk: Disk
  /** What templates stand for, but for globals and items. */
  readonly values: Omit<TemplateValues, 'dag' | 'globals'>
  readonly signal: AbortSignal
  /** None of the artifacts goes while the run goes on: an earlier process has failed or was stopped, or they were asked for. */
  readonly keepsArtifacts: boolean
  /** What earlier processes recorded of the run. */
  readonly recorded: RecordedRun | undefined
  readonly emit: Emit
}

/** The state of a run whose walk begins, or goes on from what is recorded. */
export function createRunState(run: OpenedRun, engine: Engine, journal: Journal, signal: AbortSignal): RunState {
  const { job, resume, options, emit } = run
  return new RunState({
    dag: job.dag,
    metadata: job.metadata,
    engine,
    journal,
    disk: diskOf(run),
    values: templateValues(run),
    signal,
    keepsArtifacts: resume !== undefined || options.keep === true,
    recorded: resume?.recorded,
    emit,
  })
}

/** Artifacts of a loop are deleted together, for what says that nobody needs them is flushed first; this many, or so many bytes. */
const DELETED_AT_ONCE = 64
const BYTES_AT_ONCE = 64 * 1024 * 1024

/** What a run has come to know on its walk: globals, rows that crossed boundaries, and the items of the loops that are open. */
export class RunState implements LoopDeps {
  readonly #deps: RunStateDeps
  readonly #globals: GlobalStore
  readonly #boundaries: BoundaryStore
  readonly #items: LoopItems
  readonly #loops: ReadonlyMap<string, LoopPlace>
  #doomed: BoundaryArtifact[] = []
  #keepsArtifacts: boolean

  constructor(deps: RunStateDeps) {
    const { dag, metadata, engine, signal } = deps
    this.#deps = deps
    this.#keepsArtifacts = deps.keepsArtifacts
    this.#globals = new GlobalStore(dag)
    this.#boundaries = new BoundaryStore(findBoundaryPorts(dag, metadata))
    this.#items = new LoopItems({ dag, engine, signal, boundaryArtifact: (...where) => this.#boundaries.find(...where) })
    this.#loops = findLoops(dag, metadata)
  }

  /** Templates as a sub flow sees them in a frame. */
  lookup(subFlow: string, frame: FramePath): Lookup {
    const { dag, values } = this.#deps
    return createLookup({ ...values, dag, globals: this.#globals }, frame, this.#items.around(this.#loops.get(subFlow), frame))
  }

  /** The innermost pass that a sub flow in a frame is in. */
  iteration(subFlow: string, frame: FramePath): Iteration | undefined {
    return this.#items.around(this.#loops.get(subFlow), frame)[0]
  }

  /** A global by `node__name` as seen from a frame. */
  global(name: string, frame: FramePath): TypedValue | undefined {
    return this.#globals.get(name, frame)
  }

  /** What was published, as it is seen behind the last sub flow. */
  globals(): { readonly [name: string]: TypedValue } {
    return this.#globals.list()
  }

  /** Rows that crossed a boundary, as seen from a frame. */
  boundaryArtifact(node: string, port: string, frame: FramePath): BoundaryArtifact | undefined {
    return this.#boundaries.find(node, port, frame)
  }

  /** Takes what a sub flow leaves behind that has committed. */
  add(frame: FramePath, outcome: SubFlowOutcome): void {
    this.#globals.publish(frame, outcome.globals)
    this.#boundaries.add(frame, outcome.boundaries)
    this.#items.publish(frame, outcome.items)
  }

  /** Takes what a sub flow has left behind that completed in an earlier process. */
  restore(subFlow: string, frame: FramePath): void {
    const record = this.#deps.recorded?.completed(subFlow, frame)
    if (record === undefined) throw new PypeError('INTERNAL', `${nameInFrame(subFlow, frame)} is not recorded.`)
    this.add(frame, { items: {}, ...record })
    for (const { node, began: _, ...report } of record.nodes) {
      this.#deps.emit({ type: 'node.recorded', node: nameWithoutFrame(node), runs: 1, ...report })
    }
  }

  /** Takes the globals of a node that failed, for what an `error` or `done` connection leads to. */
  addFailed(frame: FramePath, globals: SubFlowOutcome['globals']): void {
    this.#globals.publish(frame, globals)
  }

  /** Notes how a sub flow ended. */
  end(subFlow: string, frame: FramePath, end: End, error: PypeError | undefined): void {
    this.#globals.end(subFlow, frame, end)
    if (end === 'failed' && error !== undefined) this.#globals.publishError(subFlow, frame, error)
    if (end === 'completed' || end === 'skipped') this.#endReader(subFlow, frame)
    else this.#keepsArtifacts = true
  }

  async open(loop: PlannedLoop, frame: FramePath): Promise<number> {
    const recorded = this.#deps.recorded?.loop(loop, frame)
    if (recorded !== undefined) {
      this.#globals.restorePasses(frame, recorded)
      for (const total of recorded.nodes.list()) this.#deps.emit({ type: 'node.recorded', ...total })
      return this.#items.open(loop, frame, recorded.list)
    }
    const { from, to } = loop.connection
    const list = this.#items.find(loop, frame)
    const items = 'artifact' in list ? list : { published: from }
    this.#deps.journal.append({ kind: 'list', from, to, frame, rule: ruleOf(loop.connection), items })
    return this.#items.open(loop, frame, list)
  }

  beginFrame(loop: PlannedLoop, pass: FramePath): Promise<void> {
    return this.#items.beginFrame(loop, pass)
  }

  endFrame(loop: PlannedLoop, pass: FramePath, { failed, isWhole, exits, counts }: FrameEnd): void {
    this.#items.endFrame(loop, pass)
    const { from, to } = loop.connection
    this.#deps.journal.append({
      kind: 'frame',
      loop: { from, to },
      frame: pass,
      failed,
      whole: isWhole,
      exits: [...exits].map(([exit, { verdict }]) => ({ from: exit.connection.from, to: exit.connection.to, verdict })),
      ...this.#globals.endFrame(loop.subFlows, pass),
      counts,
    })
    this.#doom(this.#boundaries.endFrame(loop.subFlows, pass), pass)
  }

  async close(loop: PlannedLoop, frame: FramePath): Promise<void> {
    await this.#items.close(loop, frame)
    this.#globals.closeLoop(loop.subFlows, frame)
    this.#endReader(loopReader(loop.connection), frame)
  }

  #endReader(reader: string, frame: FramePath): void {
    this.#doom(this.#boundaries.endReader(reader, frame), frame)
  }

  /** After a failure everything stays until the run completes: a resume may need it. */
  #doom(artifacts: readonly BoundaryArtifact[], frame: FramePath): void {
    if (this.#keepsArtifacts || artifacts.length === 0) return
    this.#doomed.push(...artifacts)
    const bytes = this.#doomed.reduce((sum, { size }) => sum + size, 0)
    if (frame.length > 0 && this.#doomed.length < DELETED_AT_ONCE && bytes < BYTES_AT_ONCE) return
    this.#deps.journal.flush()
    for (const { path } of this.#doomed) this.#deps.disk.remove(path)
    this.#doomed = []
  }
}
