import type { RunStatus } from '../../core/events.js'
import { type FramePath, nameInFrame, nameWithoutFrame } from '../../core/frame.js'
import type { Column } from '../../sdk/relation.js'
import type {
  ChildRun,
  CompletedRecord,
  EndRecord,
  FailedRecord,
  JournalRecord,
  ResumedRecord,
  RunRecord,
} from '../checkpoint/journal/records.js'
import { NodeTotals } from '../observe/node-totals.js'

/** A process that walked a run. Times are in milliseconds since 1970. */
export interface RunProcess {
  readonly from: number
  /** The last moment that its records tell of: of one that ended by itself its end, of one that was killed its last sign of life. */
  to: number
  /** Undefined: it was killed, or is going on. */
  end?: EndRecord['status']
}

/** What a sub flow was at work on in one process: once, or in passes of a loop. */
export interface WorkSpan {
  /** Index of the process. */
  readonly process: number
  /** Of the first pass. */
  from: number
  /** Of the last pass that has ended. */
  to: number
  /** How the passes ended; one outside of loops. */
  readonly ends: { completed: number; failed: number; cancelled: number }
  /** Most attempts that a pass took. */
  attempts: number
}

/** When the code of a node ran, in milliseconds since 1970. */
export interface NodeSpan {
  readonly from: number
  readonly to: number
}

/** A run of another job that a node started. */
export interface StartedChild extends ChildRun {
  readonly node: string
}

/** Children that are kept one by one: a loop may start one in each of its passes. */
const MOST_CHILDREN = 50

/** When things happened in a run, and what its rows looked like, folded record by record. What it holds grows with the flow, not with the passes of loops. */
export class TimelineRecords {
  run: RunRecord | undefined
  readonly resumes: ResumedRecord[] = []
  readonly processes: RunProcess[] = []
  /** By sub flow, in order of process. */
  readonly spans = new Map<string, WorkSpan[]>()
  /** Of the last time that a node ran outside of loops. */
  readonly nodes = new Map<string, NodeSpan>()
  /** By `node.port`, as they were last. */
  readonly columns = new Map<string, readonly Column[]>()
  /** What nodes did, by sub flow: of one outside of loops the last time, else the sum. */
  readonly reports = new Map<string, NodeTotals>()
  readonly children: StartedChild[] = []
  childCount = 0
  /** Sub flows have ended, and no record says when: an older version has written them. */
  lacksTimes = false

  fold(record: JournalRecord): void {
    switch (record.kind) {
      case 'run':
        this.run = record
        this.#begin(record.started)
        return
      case 'resumed':
        this.resumes.push(record)
        this.#begin(record.started)
        return
      case 'started':
        if (record.child !== undefined) this.#addChild(nameInFrame(record.node, record.frame), record.child)
        return
      case 'completed':
        this.#complete(record)
        return
      case 'failed':
        this.#addSpan(record, record.error.code === 'CANCELLED' || record.error.code === 'TIMEOUT' ? 'cancelled' : 'failed')
        return
      case 'end':
        this.#end(record)
    }
  }

  #begin(started: string): void {
    const from = Date.parse(started)
    this.processes.push({ from, to: from })
  }

  #end({ status, time }: EndRecord): void {
    const last = this.processes.at(-1)
    if (last === undefined) return
    last.end = status
    // A run that was killed gets its end from a start that may come days later.
    if (status !== 'superseded') last.to = Math.max(last.to, Date.parse(time))
  }

  #complete(record: CompletedRecord): void {
    const { nodes, columns = {}, boundaries, work, frame } = record
    for (const [port, each] of Object.entries(columns)) this.columns.set(port, each)
    for (const { node, port, columns: stored } of boundaries) this.columns.set(`${nameWithoutFrame(node)}.${port}`, stored)
    const reports = (frame.length > 0 ? this.reports.get(record.sub_flow) : undefined) ?? new NodeTotals()
    for (const report of nodes) reports.add(report)
    if (nodes.length > 0) this.reports.set(record.sub_flow, reports)
    // The cursors of a run move under a name of their own, without any node.
    if (nodes.length > 0) this.#addSpan(record, 'completed')
    if (work === undefined || frame.length > 0) return
    const attempt = Date.parse(work.retried ?? work.started)
    for (const { node, began, seconds } of nodes) {
      if (began !== undefined) this.nodes.set(node, { from: attempt + began * 1000, to: attempt + (began + seconds) * 1000 })
    }
  }

  #addSpan({ sub_flow, frame, work, ended }: CompletedRecord | FailedRecord, end: RunStatus): void {
    if (work === undefined) {
      this.lacksTimes = true
      return
    }
    const process = this.processes.length - 1
    const from = Date.parse(work.started)
    const to = ended === undefined ? from : Date.parse(ended)
    const spans = this.spans.get(sub_flow) ?? []
    this.spans.set(sub_flow, spans)
    const span = this.#spanOf(spans, process, frame) ?? { process, from, to, ends: { completed: 0, failed: 0, cancelled: 0 }, attempts: 1 }
    if (spans.at(-1) !== span) spans.push(span)
    span.from = Math.min(span.from, from)
    span.to = Math.max(span.to, to)
    span.ends[end]++
    span.attempts = Math.max(span.attempts, work.attempts ?? 1)
    const walking = this.processes[process]
    if (walking !== undefined) walking.to = Math.max(walking.to, to)
  }

  /** The passes of a loop are one span in each process. */
  #spanOf(spans: readonly WorkSpan[], process: number, frame: FramePath): WorkSpan | undefined {
    const last = spans.at(-1)
    return frame.length > 0 && last?.process === process ? last : undefined
  }

  #addChild(node: string, child: ChildRun): void {
    this.childCount++
    if (this.children.length < MOST_CHILDREN) this.children.push({ node, ...child })
  }
}
