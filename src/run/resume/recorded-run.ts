import { type Dag, type ExecutionMetadata, nameConnection } from '../../core/dag.js'
import { type FramePath, nameInFrame, nameWithoutFrame, readNameInFrame } from '../../core/frame.js'
import type { CursorMove } from '../../database/database.js'
import { TargetClaims } from '../checkpoint/files/target-claims.js'
import {
  type ChildRun,
  type CompletedRecord,
  type FrameRecord,
  type IntentRecord,
  type JournalRecord,
  type ListRecord,
  RUN_CURSORS,
  type SettledRecord,
  type StartedRecord,
  type VoidRecords,
} from '../checkpoint/journal/records.js'
import type { LoopList } from '../execution/published/loop-items.js'
import type { LoopPlace, PlannedConnection } from '../scheduling/plan-walk.js'
import type { Recorded, RecordedPasses } from '../scheduling/recorded.js'
import type { Verdict } from '../scheduling/settle.js'
import { Appended, hasAppended } from './appended.js'
import { RecordedFrames } from './recorded-frames.js'
import { RecordedLoop } from './recorded-loop.js'
import { ruleOf } from './rule.js'

/**
 * What the records of a run say to a resume, folded one after the other: what completed and still counts, by frame. Whatever runs again
 * anyway is left out: what failed, and what was started because of a failure.
 */
export class RecordedRun implements Recorded {
  readonly #subFlowOf: ReadonlyMap<string, string>
  readonly #unfolded: ReadonlySet<string>
  readonly #frames: RecordedFrames
  /** Commits that were begun, by sub flow in its frame. */
  readonly #committing = new Map<string, IntentRecord>()
  /** What was added to targets which had some rows already. */
  readonly appended = new Appended()
  /** When the process started whose records are folded. */
  #since = ''
  /** The targets that were written. */
  readonly claims = new TargetClaims()
  /** By node. */
  readonly #cursors = new Map<string, CursorMove>()

  /** `unfolded`: the loops, as `from>to`, of which some pass is walked again although it has ended whole. */
  constructor(dag: Dag, metadata: ExecutionMetadata, unfolded: ReadonlySet<string>) {
    this.#subFlowOf = new Map(dag.nodes.map((node) => [node.id, node.sub_flow]))
    this.#unfolded = unfolded
    this.#frames = new RecordedFrames(dag, metadata)
  }

  /** Cursors that move when the run completes. */
  get cursors(): Iterable<CursorMove> {
    return this.#cursors.values()
  }

  isCompleted(subFlow: string, frame: FramePath): boolean {
    return this.#frames.find(subFlow, frame)?.completed.has(subFlow) === true
  }

  /** The record of a sub flow that completed. */
  completed(subFlow: string, frame: FramePath): CompletedRecord | undefined {
    return this.#frames.find(subFlow, frame)?.completed.get(subFlow)
  }

  settled({ connection, from }: PlannedConnection, frame: FramePath): Verdict | undefined {
    const place = this.#frames.find(from, frame)
    const key = nameConnection(connection)
    const known = place?.settled.get(key)
    if (known?.rule === ruleOf(connection)) return known.verdict
    // The list was recorded and the process died before the connection was.
    return place?.loops.get(key)?.rule === ruleOf(connection) ? 'taken' : undefined
  }

  passes(loop: LoopPlace, frame: FramePath): RecordedPasses | undefined {
    const recorded = this.loop(loop, frame)
    return recorded === undefined
      ? undefined
      : {
          has: (index) => recorded.ended.has(index),
          size: recorded.ended.size,
          exitOf: ({ connection }) => recorded.exits.get(nameConnection(connection)),
          counts: recorded.counts,
        }
  }

  /** The sub flows of which some frame has completed. */
  listCompleted(): ReadonlySet<string> {
    return this.#frames.listCompleted()
  }

  /** A loop whose list is recorded; `frame` is the one that it stands in. */
  loop({ connection }: LoopPlace, frame: FramePath): RecordedLoop | undefined {
    return this.#frames.find(this.#subFlowOf.get(connection.from) ?? '', frame)?.loops.get(nameConnection(connection))
  }

  /** The runs of other jobs that an unfinished node has started, in their order. */
  children(node: string, frame: FramePath): readonly ChildRun[] {
    return this.#frames.find(this.#subFlowOf.get(node) ?? '', frame)?.children.get(node) ?? []
  }

  fold(record: JournalRecord): void {
    switch (record.kind) {
      case 'run':
        this.#since = record.started
        return
      case 'resumed':
        this.#since = record.started
        this.void(record.void)
        return
      case 'started':
        this.#start(record)
        return
      case 'intent':
        this.#committing.set(nameInFrame(record.sub_flow, record.frame), record)
        return
      case 'abort':
        this.#committing.delete(nameInFrame(record.sub_flow, record.frame))
        return
      case 'completed':
        this.#complete(record)
        return
      case 'settled':
        this.#settle(record)
        return
      case 'list':
        this.#openLoop(record)
        return
      case 'frame':
        this.#endFrame(record)
        return
    }
  }

  /** Takes out what does not count any more. */
  void({ sub_flows, lost, connections }: VoidRecords): void {
    for (const name of lost) {
      const { name: subFlow, frame } = readNameInFrame(name)
      this.#frames.find(subFlow, frame)?.completed.delete(subFlow)
    }
    if (sub_flows.length + connections.length === 0) return
    const names = new Set(sub_flows)
    const isVoid = (node: string) => names.has(this.#subFlowOf.get(node) ?? '')
    this.claims.forget((owner) => names.has(nameWithoutFrame(owner)))
    for (const node of this.#cursors.keys()) if (isVoid(node)) this.#cursors.delete(node)
    this.#frames.void({ names, isVoid, connections })
  }

  #start({ sub_flow, frame, node, child }: StartedRecord): void {
    const place = child === undefined ? undefined : this.#frames.make(sub_flow, frame)
    if (place === undefined || child === undefined) return
    const children = place.children.get(node) ?? []
    place.children.set(node, children)
    if (!children.some(({ run }) => run === child.run)) children.push(child)
  }

  #complete(record: CompletedRecord): void {
    const { sub_flow, frame, provisional, cursors = [] } = record
    for (const move of cursors) this.#cursors.set(move.node, move)
    if (sub_flow === RUN_CURSORS) this.#cursors.clear()
    const intent = this.#claim(nameInFrame(sub_flow, frame), provisional !== true)
    const place = this.#frames.make(sub_flow, frame)
    for (const node of place?.children.keys() ?? []) if (this.#subFlowOf.get(node) === sub_flow) place?.children.delete(node)
    if (provisional === true) return
    if (intent !== undefined && hasAppended(intent)) this.appended.add(record, intent, this.#since)
    place?.completed.set(sub_flow, record)
  }

  /** Takes the targets of a commit, if it counts, and returns what it was to do. */
  #claim(owner: string, counts: boolean): IntentRecord | undefined {
    const intent = this.#committing.get(owner)
    this.#committing.delete(owner)
    for (const entry of intent?.entries ?? []) {
      if (entry.kind === 'move') this.claims.release(entry.source, true)
      if (entry.kind === 'delete') this.claims.release(entry.target, true)
      else if (counts) this.claims.restore(entry.target, owner, entry.kind === 'append')
    }
    return intent
  }

  /** Only what leaves a sub flow that completed was decided; all else follows from the ends. */
  #settle({ from, to, frame, verdict, rule }: SettledRecord): void {
    const subFlow = this.#subFlowOf.get(from) ?? ''
    const place = this.#frames.find(subFlow, frame)
    if (verdict === 'blocking' || place?.completed.has(subFlow) !== true) return
    const key = nameConnection({ from, to })
    // What was decided stays, unless the connection was changed since.
    if (place.settled.get(key)?.rule !== rule) place.settled.set(key, { verdict, rule })
  }

  #openLoop({ from, to, frame, items, rule }: ListRecord): void {
    const subFlow = this.#subFlowOf.get(from) ?? ''
    const place = this.#frames.find(subFlow, frame)
    const giver = place?.completed.get(subFlow)
    const list: LoopList | undefined = 'artifact' in items ? items : giver?.items?.[items.published]
    if (place !== undefined && giver !== undefined && list !== undefined)
      place.loops.set(nameConnection({ from, to }), new RecordedLoop(list, rule))
  }

  #endFrame(record: FrameRecord): void {
    const { loop, frame, whole } = record
    const key = nameConnection(loop)
    if (!whole || this.#unfolded.has(key)) return
    this.#frames
      .find(this.#subFlowOf.get(loop.from) ?? '', frame.slice(0, -1))
      ?.loops.get(key)
      ?.endFrame(record)
  }
}
