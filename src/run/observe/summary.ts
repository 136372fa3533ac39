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

/** Counts what the events of a run tell. */
export class SummaryCollector implements Listener {
  readonly name = 'summary'
  readonly #nodes = new NodeTotals()
  readonly #spilled = { artifacts: 0, rows: 0, bytes: 0 }

  #completed = 0

  hear(event: RunEvent): void {
    if (event.type === 'subflow.completed' && !event.recorded) this.#completed++
    if (event.type === 'node.completed') this.#nodes.addTotal({ ...event, runs: 1 })
    if (event.type === 'node.recorded') this.#nodes.addTotal(event)
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
  counts(): Pick<RunSummary, 'nodes' | 'rejected' | 'spilled'> {
    const nodes = this.#nodes.list()
    return { nodes, rejected: nodes.reduce((sum, node) => sum + (node.rejected ?? 0), 0), spilled: { ...this.#spilled } }
  }
}
