import { nameConnection } from '../../core/dag.js'
import type { TypedValue } from '../../engine/engine.js'
import type { ChildRun, CompletedRecord, FrameRecord } from '../checkpoint/journal/records.js'
import type { LoopList } from '../execution/published/loop-items.js'
import { NodeTotals } from '../observe/node-totals.js'
import { addCounts, type End, noEnds, type Verdict } from '../scheduling/settle.js'
import { type Latest, splitGlobal } from '../templating/global-store.js'
import { IndexRanges } from './index-ranges.js'

/** How a connection was settled, and by which rule. */
export interface RecordedVerdict {
  readonly verdict: Verdict
  readonly rule: string
}

/** What is recorded of a frame that is not over: the root frame, or a pass of a loop. */
export class RecordedFrame {
  /** By sub flow. */
  readonly completed = new Map<string, CompletedRecord>()
  /** By `from>to`. */
  readonly settled = new Map<string, RecordedVerdict>()
  /** By the `from>to` of the iterate connection. */
  readonly loops = new Map<string, RecordedLoop>()
  /** The runs of other jobs that the nodes of unfinished sub flows have started, by node, in their order. */
  readonly children = new Map<string, ChildRun[]>()
}

/** What is recorded of a loop whose list is known. Of passes that have ended whole nothing is held but what they came to together. */
export class RecordedLoop {
  readonly list: LoopList
  /** By which the connection was taken that has opened it. */
  readonly rule: string
  /** The passes that are not walked again. */
  readonly ended = new IndexRanges()
  readonly open = new Map<number, RecordedFrame>()
  /** By `from>to`. */
  readonly exits = new Map<string, Verdict>()
  /** By node in lower case. */
  readonly globals = new Map<string, Latest<{ [name: string]: TypedValue }>>()
  /** By sub flow. */
  readonly ends = new Map<string, Latest<End>>()
  readonly counts = noEnds()
  readonly nodes = new NodeTotals()

  constructor(list: LoopList, rule: string) {
    this.list = list
    this.rule = rule
  }

  /** The records of a pass that is open. */
  frame(index: number): RecordedFrame {
    const known = this.open.get(index)
    if (known !== undefined) return known
    const frame = new RecordedFrame()
    this.open.set(index, frame)
    return frame
  }

  /** Puts a pass that has ended whole to the others. */
  endFrame(record: FrameRecord): void {
    const index = record.frame.at(-1) ?? 0
    const frame = this.open.get(index)
    this.open.delete(index)
    this.ended.add(index)
    if (frame !== undefined) this.#countNodes(frame)
    for (const exit of record.exits) {
      const key = nameConnection(exit)
      if (exit.verdict === 'taken' || !this.exits.has(key)) this.exits.set(key, exit.verdict)
    }
    for (const [subFlow, end] of Object.entries(record.ends)) {
      if ((this.ends.get(subFlow)?.index ?? -1) < index) this.ends.set(subFlow, { index, value: end })
    }
    this.#foldGlobals(index, record.globals)
    addCounts(this.counts, record.counts)
  }

  #foldGlobals(index: number, globals: FrameRecord['globals']): void {
    const fresh = new Map<string, { [name: string]: TypedValue }>()
    for (const [name, value] of Object.entries(globals)) {
      const { node, global } = splitGlobal(name)
      const values = fresh.get(node) ?? {}
      values[global] = value
      fresh.set(node, values)
    }
    for (const [node, value] of fresh) {
      if ((this.globals.get(node)?.index ?? -1) < index) this.globals.set(node, { index, value })
    }
  }

  #countNodes(frame: RecordedFrame): void {
    for (const { nodes } of frame.completed.values()) for (const report of nodes) this.nodes.add(report)
    for (const loop of frame.loops.values()) this.nodes.addAll(loop.nodes)
  }
}
