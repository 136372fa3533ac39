import type { DataConnection } from '../../core/dag.js'
import { type FramePath, nameInFrame, ROOT_FRAME } from '../../core/frame.js'
import { groupBy } from '../../core/group-by.js'
import type { BoundaryArtifact } from '../artifacts/boundary-file.js'
import { isIntact } from '../artifacts/boundary-file.js'
import type { Job } from '../job/load-job.js'
import { type PlannedConnection, type PlannedLoop, type PlannedSubFlow, planWalk } from '../scheduling/plan-walk.js'
import type { RecordedLoop } from './recorded-loop.js'
import type { RecordedRun } from './recorded-run.js'

/** Rows that are gone and will be read. */
export interface LostRows {
  /** Sub flows in their frames that run again for their rows. */
  readonly subFlows: ReadonlySet<string>
  /** Sub flows whose rows are the list of a loop: nothing of the loop counts without it. */
  readonly lists: ReadonlySet<string>
}

/** Finds the completed sub flows whose rows are gone, and needed by one that may still run. */
export function findLostRows(job: Job, recorded: RecordedRun): LostRows {
  const search = new Search(job, recorded)
  search.visit(undefined, ROOT_FRAME)
  return search
}

/** What becomes of a sub flow, as far as the records say: it has completed, or it will be passed by, or it may run. */
type Outlook = 'completed' | 'passed by' | 'open'

/** Follows the records in the order of the walk. */
class Search implements LostRows {
  readonly subFlows = new Set<string>()
  readonly lists = new Set<string>()
  readonly #recorded: RecordedRun
  readonly #subFlowOf: ReadonlyMap<string, string>
  readonly #places: ReadonlyMap<string, PlannedSubFlow>
  /** By the loop that they are in, in a static order of the walk. */
  readonly #inside: ReadonlyMap<PlannedLoop | undefined, readonly PlannedSubFlow[]>
  readonly #entering: ReadonlyMap<string, readonly PlannedConnection[]>
  readonly #boundaries: ReadonlyMap<string, readonly DataConnection[]>
  readonly #loops: readonly PlannedLoop[]

  constructor({ dag, metadata }: Job, recorded: RecordedRun) {
    const plan = planWalk(dag, metadata)
    this.#recorded = recorded
    this.#subFlowOf = new Map(dag.nodes.map((node) => [node.id, node.sub_flow]))
    this.#places = plan.subFlows
    const ordered = metadata.order.flatMap((name) => plan.subFlows.get(name) ?? [])
    this.#inside = groupBy(ordered, ({ loop }) => loop)
    this.#entering = groupBy(
      [...plan.subFlows.values()].flatMap(({ groups }) => groups.flat()),
      ({ to }) => to,
    )
    const boundaries = dag.data.filter(({ boundary }) => boundary)
    this.#boundaries = groupBy(boundaries, ({ to }) => this.#subFlowOf.get(to) ?? '')
    this.#loops = [...plan.loops.values()]
  }

  /** Looks at the sub flows of one frame: the root frame, or a pass of a loop. */
  visit(loop: PlannedLoop | undefined, frame: FramePath): void {
    const outlooks = new Map<string, Outlook>()
    for (const subFlow of this.#inside.get(loop) ?? []) {
      const outlook = this.#judge(subFlow, frame, outlooks)
      outlooks.set(subFlow.name, outlook)
      if (outlook === 'open') this.#need(subFlow.name, frame)
    }
    for (const inner of this.#loops) {
      if (inner.outer === loop && !this.#isPassedBy(inner, frame, outlooks)) this.#visitLoop(inner, frame)
    }
  }

  #judge({ name, isGate }: PlannedSubFlow, frame: FramePath, outlooks: ReadonlyMap<string, Outlook>): Outlook {
    if (this.#recorded.isCompleted(name, frame)) return 'completed'
    const entering = this.#entering.get(name) ?? []
    const closed = entering.filter((planned) => this.#isClosed(planned, frame, outlooks))
    const isPassedBy = entering.length > 0 && closed.length === entering.length
    const lacksRows = !isGate && closed.some(({ connection }) => connection.boundary)
    return isPassedBy || lacksRows ? 'passed by' : 'open'
  }

  /** Whether the records say that a connection is not taken. */
  #isClosed(planned: PlannedConnection, frame: FramePath, outlooks: ReadonlyMap<string, Outlook>): boolean {
    if (planned.crossing === 'plain') return this.#isClosedHere(planned, frame, outlooks)
    const left = planned.crossing === 'exit' ? this.#loopLeft(planned, frame) : undefined
    if (left === undefined) return false
    if (this.#isPassedBy(left, frame, outlooks)) return true
    const passes = this.#recorded.loop(left, frame)
    return passes !== undefined && hasEnded(passes) && this.#recorded.passes(left, frame)?.exitOf(planned) !== 'taken'
  }

  #isClosedHere(planned: PlannedConnection, frame: FramePath, outlooks: ReadonlyMap<string, Outlook>): boolean {
    const outlook = outlooks.get(planned.from)
    if (outlook !== 'completed') return outlook === 'passed by'
    return this.#recorded.settled(planned, frame) === 'not taken'
  }

  /** Whether the records say that a loop is not walked. */
  #isPassedBy({ connection }: PlannedLoop, frame: FramePath, outlooks: ReadonlyMap<string, Outlook>): boolean {
    const entry = this.#entering.get(this.#subFlowOf.get(connection.to) ?? '')?.find((planned) => planned.connection === connection)
    return entry !== undefined && this.#isClosedHere(entry, frame, outlooks)
  }

  /** The outermost of the loops that a connection leaves: the one that stands in the frame of its target. */
  #loopLeft({ from }: PlannedConnection, frame: FramePath): PlannedLoop | undefined {
    let loop = this.#places.get(from)?.loop
    while (loop !== undefined && loop.depth > frame.length + 1) loop = loop.outer
    return loop
  }

  #visitLoop(loop: PlannedLoop, frame: FramePath): void {
    const passes = this.#recorded.loop(loop, frame)
    if (passes === undefined) {
      // Not begun, or begun anew: every sub flow of it may run.
      this.#needInside(loop, frame)
      return
    }
    if (hasEnded(passes)) return
    if ('artifact' in passes.list && !isIntact(passes.list.artifact)) this.lists.add(this.#giverOf(loop))
    for (const index of passes.open.keys()) this.visit(loop, [...frame, index])
    if (passes.ended.size + passes.open.size < lengthOf(passes)) this.#needInside(loop, frame)
  }

  /** What a pass reads that nothing is recorded of. No pass has this index. */
  #needInside(loop: PlannedLoop, frame: FramePath): void {
    this.visit(loop, [...frame, -1])
  }

  #giverOf({ connection }: PlannedLoop): string {
    return this.#subFlowOf.get(connection.from) ?? ''
  }

  /** The rows that cross into a sub flow, and those that are needed to make them again. */
  #need(name: string, frame: FramePath): void {
    for (const { from, from_port } of this.#boundaries.get(name) ?? []) {
      const giver = this.#subFlowOf.get(from) ?? ''
      const place = frame.slice(0, this.#places.get(giver)?.loop?.depth ?? 0)
      const artifact = this.#artifactOf(giver, place, from, from_port)
      const called = nameInFrame(giver, place)
      if (artifact === undefined || this.subFlows.has(called) || isIntact(artifact)) continue
      this.subFlows.add(called)
      this.#need(giver, place)
    }
  }

  #artifactOf(giver: string, frame: FramePath, node: string, port: string): BoundaryArtifact | undefined {
    return this.#recorded.completed(giver, frame)?.boundaries.find((each) => each.node === node && each.port === port)
  }
}

function lengthOf({ list }: RecordedLoop): number {
  return 'artifact' in list ? list.artifact.rows : list.length
}

function hasEnded(passes: RecordedLoop): boolean {
  return passes.ended.size === lengthOf(passes)
}
