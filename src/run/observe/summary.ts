import type { EventError, RunEvent, RunStatus } from '../../core/events.js'
import type { Listener } from './emitter.js'

/** What a node did in a run, over all its frames. Null: nothing counted it. */
export interface NodeSummary {
  readonly node: string
  readonly runs: number
  readonly rows: number | null
  readonly bytes: number | null
  readonly rejected: number | null
  readonly seconds: number
}

/** What came of a run; also written as summary.json. */
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
  readonly nodes: readonly NodeSummary[]
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

interface Counting {
  readonly node: string
  runs: number
  rows: number | null
  bytes: number | null
  rejected: number | null
  seconds: number
}

/** Counts what the events of a run tell. */
export class SummaryCollector implements Listener {
  readonly name = 'summary'
  readonly #nodes = new Map<string, Counting>()
  readonly #spilled = { artifacts: 0, rows: 0, bytes: 0 }

  #completed = 0

  hear(event: RunEvent): void {
    if (event.type === 'subflow.completed' && !event.recorded) this.#completed++
    if (event.type === 'node.completed') this.#count({ ...event, runs: 1 })
    if (event.type === 'node.recorded') this.#count(event)
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
    const nodes = [...this.#nodes.values()].map((node) => ({ ...node }))
    return { nodes, rejected: nodes.reduce((sum, node) => sum + (node.rejected ?? 0), 0), spilled: { ...this.#spilled } }
  }

  #count(event: NodeSummary): void {
    const counted = this.#nodes.get(event.node) ?? { node: event.node, runs: 0, rows: null, bytes: null, rejected: null, seconds: 0 }
    this.#nodes.set(event.node, counted)
    counted.runs += event.runs
    counted.rows = add(counted.rows, event.rows)
    counted.bytes = add(counted.bytes, event.bytes)
    counted.rejected = add(counted.rejected, event.rejected)
    counted.seconds += event.seconds
  }
}

function add(a: number | null, b: number | null): number | null {
  return b === null ? a : (a ?? 0) + b
}
