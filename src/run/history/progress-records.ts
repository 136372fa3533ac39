import type { ExecutionMetadata } from '../../core/dag.js'
import type { EventError } from '../../core/events.js'
import { type FramePath, nameInFrame, nameWithoutFrame, readNameInFrame } from '../../core/frame.js'
import type {
  CompletedRecord,
  FailedRecord,
  FrameRecord,
  JournalRecord,
  ListRecord,
  ResumedRecord,
  SettledRecord,
} from '../checkpoint/journal/records.js'
import { addPorts, type NodeReport } from '../observe/node-totals.js'
import type { WalkPlan } from '../scheduling/plan-walk.js'
import type { End, Verdict } from '../scheduling/settle.js'

/** How a sub flow outside of loops ended. */
export interface RecordedEnd {
  readonly end: 'completed' | 'failed' | 'cancelled'
  /** It was started because of a failure, or of a loop that has not completed: a resume runs it again. */
  readonly isProvisional: boolean
}

/** Sums of what a node did. */
export type NodeSums = Pick<NodeReport, 'rows' | 'outputs' | 'rejected' | 'seconds'> & { readonly runs: number }

/** How a connection outside of loops was settled. `isHalted`: something had failed by then that halts what does not handle it. */
export interface RecordedVerdict {
  readonly verdict: Verdict
  readonly isHalted: boolean
}

/** What the records of a run say of its sub flows, folded one after the other. In a resume what runs again counts as it ends then. */
export class ProgressRecords {
  readonly #plan: WalkPlan
  readonly #metadata: ExecutionMetadata
  readonly #subFlowOf: ReadonlyMap<string, string>
  /** By sub flow, outside of loops. */
  readonly ends = new Map<string, RecordedEnd>()
  /** By sub flow inside of loops: how many passes ended in which way. */
  readonly passes = new Map<string, { [end in End]?: number }>()
  /** By node. */
  readonly sums = new Map<string, NodeSums>()
  readonly errors = new Map<string, EventError>()
  /** By `from>to`, outside of loops. */
  readonly settled = new Map<string, RecordedVerdict>()
  /** Items of loops that have begun, and passes that have ended, by `from>to`. */
  readonly items = new Map<string, number>()
  readonly passesEnded = new Map<string, number>()
  /** Passes that no resume walks again. */
  readonly #whole = new Map<string, number>()
  /** Lengths of lists that nodes have published, by node in its frame. */
  readonly #published = new Map<string, number>()
  isHalted = false

  constructor(plan: WalkPlan, metadata: ExecutionMetadata, subFlowOf: ReadonlyMap<string, string>) {
    this.#plan = plan
    this.#metadata = metadata
    this.#subFlowOf = subFlowOf
  }

  fold(record: JournalRecord): void {
    switch (record.kind) {
      case 'completed':
        this.#complete(record)
        return
      case 'failed':
        this.#fail(record)
        return
      case 'settled':
        this.#settle(record)
        return
      case 'list':
        this.#openList(record)
        return
      case 'frame':
        this.#endPass(record)
        return
      case 'resumed':
        this.#resume(record)
    }
  }

  #complete({ sub_flow, frame, nodes, items = {}, provisional }: CompletedRecord): void {
    if (!this.#plan.subFlows.has(sub_flow)) return
    for (const [node, list] of Object.entries(items)) this.#published.set(nameInFrame(node, frame), list.length)
    for (const report of nodes) this.#add(nameWithoutFrame(report.node), report, frame)
    this.#end(sub_flow, frame, { end: 'completed', isProvisional: provisional === true })
  }

  #fail({ sub_flow, frame, error }: FailedRecord): void {
    const isCancelled = error.code === 'CANCELLED' || error.code === 'TIMEOUT'
    this.#end(sub_flow, frame, { end: isCancelled ? 'cancelled' : 'failed', isProvisional: false })
    if (isCancelled) return
    this.errors.set(nameWithoutFrame(error.node ?? sub_flow), error)
    this.isHalted ||= this.#metadata.settings.fail_strategy === 'halt'
  }

  #end(subFlow: string, frame: FramePath, ended: RecordedEnd): void {
    if (frame.length === 0) this.ends.set(subFlow, ended)
    else this.#count(subFlow, ended.end)
  }

  #settle({ from, to, frame, verdict }: SettledRecord): void {
    const end = this.ends.get(this.#subFlowOf.get(from) ?? '')?.end
    // A condition that could not be evaluated is a failure of its own.
    if (verdict === 'blocking' && end === 'completed' && this.#metadata.settings.fail_strategy === 'halt') this.isHalted = true
    if (frame.length === 0) this.settled.set(`${from}>${to}`, { verdict, isHalted: this.isHalted })
  }

  #openList({ from, to, frame, items }: ListRecord): void {
    const count = 'artifact' in items ? items.artifact.rows : (this.#published.get(nameInFrame(items.published, frame)) ?? 0)
    const key = `${from}>${to}`
    // An inner loop has a list in each pass of the outer one.
    this.items.set(key, count + (frame.length > 0 ? (this.items.get(key) ?? 0) : 0))
  }

  #endPass({ loop: { from, to }, whole, ends }: FrameRecord): void {
    const key = `${from}>${to}`
    this.passesEnded.set(key, (this.passesEnded.get(key) ?? 0) + 1)
    if (whole) this.#whole.set(key, (this.#whole.get(key) ?? 0) + 1)
    for (const [subFlow, end] of Object.entries(ends)) {
      const own = this.#plan.subFlows.get(subFlow)?.loop?.connection
      // The others have records of their own.
      if ((end === 'skipped' || end === 'blocked') && own?.from === from && own.to === to) this.#count(subFlow, end)
    }
  }

  /** Only what completed stays as it is. */
  #resume({ void: { sub_flows, lost, connections, loops } }: ResumedRecord): void {
    this.isHalted = false
    this.errors.clear()
    for (const [name, { end, isProvisional }] of this.ends) if (end !== 'completed' || isProvisional) this.ends.delete(name)
    for (const counts of this.passes.values()) for (const end of ['failed', 'cancelled', 'blocked'] as const) delete counts[end]
    for (const name of sub_flows) this.#forget(name)
    for (const name of lost) {
      const { name: subFlow, frame } = readNameInFrame(name)
      if (frame.length === 0) this.ends.delete(subFlow)
      else this.#count(subFlow, 'completed', -1)
    }
    for (const key of this.settled.keys()) {
      const from = this.#subFlowOf.get(key.split('>', 1)[0] ?? '') ?? ''
      const isOutside = this.#plan.subFlows.get(from)?.loop === undefined
      if (!isOutside || !this.ends.has(from) || connections.includes(key)) this.settled.delete(key)
    }
    for (const key of this.passesEnded.keys()) this.passesEnded.set(key, loops.includes(key) ? 0 : (this.#whole.get(key) ?? 0))
    for (const key of loops) this.#whole.delete(key)
  }

  #forget(subFlow: string): void {
    this.ends.delete(subFlow)
    this.passes.delete(subFlow)
    for (const [node, owner] of this.#subFlowOf) if (owner === subFlow) this.sums.delete(node)
  }

  #count(subFlow: string, end: End, by = 1): void {
    const counts = this.passes.get(subFlow) ?? {}
    counts[end] = (counts[end] ?? 0) + by
    this.passes.set(subFlow, counts)
  }

  #add(node: string, { rows, outputs, rejected, seconds }: NodeReport, frame: FramePath): void {
    const before = frame.length === 0 ? undefined : this.sums.get(node)
    const counted = outputs === undefined ? before?.outputs : addPorts(before?.outputs, outputs)
    this.sums.set(node, {
      runs: (before?.runs ?? 0) + 1,
      rows: addKnown(before?.rows, rows),
      ...(counted === undefined ? {} : { outputs: counted }),
      rejected: addKnown(before?.rejected, rejected),
      seconds: (before?.seconds ?? 0) + seconds,
    })
  }
}

function addKnown(sum: number | null = null, added: number | null): number | null {
  return added === null ? sum : (sum ?? 0) + added
}
