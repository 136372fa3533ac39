import type { Dag, ExecutionMetadata } from '../core/dag.js'
import type { PypeError } from '../core/errors.js'
import type { FramePath } from '../core/frame.js'
import { groupBy } from '../core/group-by.js'
import type { Engine, TypedValue } from '../engine/engine.js'
import type { Disk } from './checkpoint/disk.js'
import type { Journal } from './checkpoint/journal.js'
import { LoopItems } from './execution/loop-items.js'
import type { BoundaryArtifact, SubFlowOutcome } from './execution/sub-flow.js'
import { BoundaryStore } from './scheduling/boundary-store.js'
import { findLoops, type LoopPlace, type PlannedLoop } from './scheduling/plan-walk.js'
import type { End } from './scheduling/settle.js'
import type { FrameEnd, LoopDeps } from './scheduling/walk.js'
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
}

/** Artifacts of ended passes that are deleted together: what says that nobody needs them is flushed first. */
const DELETED_AT_ONCE = 64

/** What a run has come to know on its walk: globals, rows that crossed boundaries, and the items of the loops that are open. */
export class RunState implements LoopDeps {
  readonly #deps: RunStateDeps
  readonly #globals: GlobalStore
  readonly #boundaries = new BoundaryStore()
  readonly #items: LoopItems
  readonly #loops: ReadonlyMap<string, LoopPlace>
  /** The ports of each sub flow whose rows are kept beyond it. */
  readonly #ports: ReadonlyMap<string, readonly { readonly node: string; readonly port: string }[]>
  #doomed: string[] = []
  #hasFailed = false

  constructor(deps: RunStateDeps) {
    const { dag, metadata, engine, signal } = deps
    this.#deps = deps
    this.#globals = new GlobalStore(dag)
    this.#items = new LoopItems({ dag, engine, signal, boundaryArtifact: (...where) => this.#boundaries.find(...where) })
    this.#loops = findLoops(dag, metadata)
    const subFlowOf = new Map(dag.nodes.map((node) => [node.id, node.sub_flow]))
    const ports = dag.nodes.flatMap(({ id, output_ports }) => output_ports.map((port) => ({ node: id, port })))
    this.#ports = groupBy(ports, ({ node }) => subFlowOf.get(node) ?? '')
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

  /** Takes the globals of a node that failed, for what an `error` or `done` connection leads to. */
  addFailed(frame: FramePath, globals: SubFlowOutcome['globals']): void {
    this.#globals.publish(frame, globals)
  }

  /** Notes how a sub flow ended. */
  end(subFlow: string, frame: FramePath, end: End, error: PypeError | undefined): void {
    this.#globals.end(subFlow, frame, end)
    if (end !== 'failed') return
    this.#hasFailed = true
    if (error !== undefined) this.#globals.publishError(subFlow, frame, error)
  }

  async open(loop: PlannedLoop, frame: FramePath): Promise<number> {
    const { from, to } = loop.connection
    const items = this.#items.find(loop, frame)
    this.#deps.journal.append({ kind: 'list', from, to, frame, items })
    return this.#items.open(loop, frame, items)
  }

  beginFrame(loop: PlannedLoop, pass: FramePath): Promise<void> {
    return this.#items.beginFrame(loop, pass)
  }

  endFrame(loop: PlannedLoop, pass: FramePath, { failed, exits }: FrameEnd): void {
    this.#items.endFrame(loop, pass)
    const { from, to } = loop.connection
    this.#deps.journal.append({
      kind: 'frame',
      loop: { from, to },
      frame: pass,
      failed,
      exits: [...exits].map(([exit, { verdict }]) => ({ from: exit.connection.from, to: exit.connection.to, verdict })),
      globals: this.#globals.endFrame(loop.subFlows, pass),
    })
    for (const subFlow of loop.subFlows) this.#doom(this.#boundaries.endFrame(this.#ports.get(subFlow) ?? [], pass))
  }

  async close(loop: PlannedLoop, frame: FramePath): Promise<void> {
    await this.#items.close(loop, frame)
    this.#globals.closeLoop(loop.subFlows, frame)
  }

  /** After a failure everything stays until the run completes: a resume may need it. */
  #doom(artifacts: readonly BoundaryArtifact[]): void {
    if (this.#hasFailed) return
    this.#doomed.push(...artifacts.map(({ path }) => path))
    if (this.#doomed.length < DELETED_AT_ONCE) return
    this.#deps.journal.flush()
    for (const path of this.#doomed) this.#deps.disk.remove(path)
    this.#doomed = []
  }
}
