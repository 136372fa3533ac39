import type { EventError, NodeTotal, RunEvent, RunStatus } from '../../core/events.js'
import type { Listener } from './emitter.js'
import { NodeTotals } from './node-totals.js'

/** In a run's folder. */
export const SUMMARY_FILE = 'summary.json'

/** What came of a run, as {@link SUMMARY_FILE} has it too. */
export interface RunSummary {
  readonly run: string
  readonly job: string
  readonly flow_version: string
  readonly status: RunStatus
  /** ISO 8601. */
  readonly started: string
  readonly seconds: number
  /** The logical time. */
  readonly date: string
  readonly sub_flows: {
    readonly completed: number
    readonly failed: number
    readonly skipped: number
    readonly blocked: number
    readonly cancelled: number
    /** Those of the completed ones that an earlier process of the run had completed. */
    readonly recorded: number
  }
  /** How many sub flows the flow has; the counts above have each one of a loop once per pass. */
  readonly flow_sub_flows: number
  /** Of the loops that have begun. */
  readonly loops: readonly LoopTotal[]
  readonly nodes: readonly NodeTotal[]
  /** That its sinks wrote; null when nothing counted them. */
  readonly rows: number | null
  readonly rejected: number
  readonly spilled: { readonly artifacts: number; readonly rows: number; readonly bytes: number }
  /** Most memory that the process held, in bytes. */
  readonly peak_memory: number
  readonly errors: readonly EventError[]
  /** The run's folder. */
  readonly folder: string
}

/** The passes of a loop, in all passes of the loops around it. */
export interface LoopTotal {
  /** The node that gives the list. */
  readonly from: string
  readonly to: string
  readonly items: number
  /** Passes in which nothing failed, those of earlier processes too. */
  readonly completed: number
  readonly failed: number
  /** Passes that have begun in this process and have no end: the run was stopped. */
  readonly cancelled: number
}

type CountedLoop = { -readonly [key in keyof LoopTotal]: LoopTotal[key] }

/** Counts what the events of a run tell. */
export class SummaryCollector implements Listener {
  readonly name = 'summary'
  readonly #nodes = new NodeTotals()
  readonly #spilled = { artifacts: 0, rows: 0, bytes: 0 }

  readonly #loops = new Map<string, CountedLoop>()
  #completed = 0

  hear(event: RunEvent): void {
    if (event.type === 'subflow.completed' && !event.recorded) this.#completed++
    if (event.type === 'node.completed') this.#nodes.addTotal({ ...event, runs: 1 })
    if (event.type === 'node.recorded') this.#nodes.addTotal(event)
    if (event.type === 'loop.started') {
      const loop = this.#loop(event)
      loop.items += event.items
      loop.completed += event.recorded
    }
    if (event.type === 'frame.started') this.#loop(event).cancelled++
    if (event.type === 'frame.ended') this.#loop(event).cancelled--
    if (event.type === 'frame.ended') this.#loop(event)[event.failed ? 'failed' : 'completed']++
    if (event.type !== 'artifact.spilled') return
    this.#spilled.artifacts++
    this.#spilled.rows += event.rows
    this.#spilled.bytes += event.bytes ?? 0
  }

  /** Sub flows that have completed in this process. */
  get completed(): number {
    return this.#completed
  }

  /** The counted part of the summary. */
  counts(): Pick<RunSummary, 'loops' | 'nodes' | 'rejected' | 'spilled'> {
    const nodes = this.#nodes.list()
    const loops = [...this.#loops.values()].map((loop) => ({ ...loop }))
    return { loops, nodes, rejected: nodes.reduce((sum, node) => sum + (node.rejected ?? 0), 0), spilled: { ...this.#spilled } }
  }

  #loop({ from, to }: Pick<LoopTotal, 'from' | 'to'>): CountedLoop {
    const key = `${from}>${to}`
    const loop = this.#loops.get(key) ?? { from, to, items: 0, completed: 0, failed: 0, cancelled: 0 }
    this.#loops.set(key, loop)
    return loop
  }
}
