import type { DagNode } from '../../../core/dag.js'
import type { EventError, PortRows } from '../../../core/events.js'
import type { HistoryStatus, ProgressStatus, SubFlowProgress } from '../../../core/run-progress.js'
import type { Column } from '../../../sdk/relation.js'

/** A stretch of time. ISO 8601; no end: it is going on, or nobody knows. */
export interface ShownTime {
  readonly started: string
  readonly ended: string | null
}

/** As {@link ShownTime}; of what was killed nobody knows when it ended. */
export interface ShownLife extends ShownTime {
  /** The last that its process has written, where it was killed: it may have gone on after that. */
  readonly last_sign?: string
}

/** What a sub flow did in one process of a run. */
export interface ShownWork extends ShownLife {
  /** Counts from 1. */
  readonly process: number
  readonly status: 'completed' | 'failed' | 'cancelled' | 'running' | 'killed'
  /** Nobody recorded when it began: the earliest moment at which it could. */
  readonly estimated?: true
}

/** A node of a run. */
export interface ShownNode {
  readonly node: string
  /** Null: the job does not have it any more. */
  readonly module: string | null
  readonly type: DagNode['type'] | null
  readonly status: ProgressStatus
  /** In how many frames it ran. */
  readonly runs: number
  readonly rows: number | null
  /** Rows that went over the data connections from its ports, of those that were counted. */
  readonly outputs: PortRows
  readonly rejected: number | null
  /** Of its code; a query runs inside of the statements of others. */
  readonly seconds: number | null
  /** When its code ran last, outside of loops. */
  readonly time: ShownTime | null
}

/** A sub flow of a run. */
export interface ShownSubFlow {
  readonly name: string
  /** Of all that decides what it does. Null: the run has not recorded it. */
  readonly hash: string | null
  readonly status: ProgressStatus
  /** Inside of loops: its passes, by how they ended. */
  readonly passes: NonNullable<SubFlowProgress['passes']> | null
  /** Inside of loops: how many passes there are to be, as far as their lists are known. */
  readonly items: number | null
  /** Most attempts that it took. */
  readonly attempts: number
  readonly work: readonly ShownWork[]
  readonly nodes: readonly ShownNode[]
}

/** A run, as `pype show --json` prints it. */
export interface ShownRun {
  readonly run: string
  readonly job: string | null
  readonly folder: string
  readonly status: HistoryStatus
  readonly date: string | null
  readonly context: string | null
  /** Values of the context that the start has set. */
  readonly set: { readonly [name: string]: unknown }
  /** Values of the context, without secrets. */
  readonly values: { readonly [name: string]: unknown }
  readonly engine: { readonly name: string; readonly version: string } | null
  /** Versions by name. */
  readonly modules: { readonly [module: string]: string }
  readonly parent: string | null
  readonly pype_version: string | null
  /** Of the processes that walked it, one after the other. */
  readonly processes: readonly ShownLife[]
  /** Sum over the processes; of those that were killed, up to their last sign of life. */
  readonly seconds: number
  /** That its sinks wrote; null when nothing counted them. */
  readonly rows: number | null
  readonly peak_memory: number | null
  readonly spilled: { readonly artifacts: number; readonly bytes: number }
  readonly sub_flows: readonly ShownSubFlow[]
  /** Of what nodes with code have read, and of what crossed boundaries. */
  readonly columns: { readonly [port: string]: readonly Column[] }
  readonly errors: readonly EventError[]
  readonly children: readonly { readonly node: string; readonly job: string; readonly run: string }[]
  readonly why_not_resumable: string | null
  /** The command that resumes it. */
  readonly resume: string | null
  /** Sub flows that the job has another way by now, or that are new or gone. */
  readonly changed_since: readonly string[]
  /** What could not be read. */
  readonly warnings: readonly string[]
}
