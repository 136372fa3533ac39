import type { EventError, PortRows, RunStatus } from './events.js'

/** What came of a run. `killed`: its process has ended and said nothing; `superseded`: a later start has cleared up after it. */
export type HistoryStatus = RunStatus | 'superseded' | 'running' | 'killed'

/** How far a sub flow or a node of a run has come. `killed`: it was running when the process of the run ended and said nothing. */
export type ProgressStatus = 'completed' | 'failed' | 'skipped' | 'blocked' | 'cancelled' | 'running' | 'killed' | 'not begun'

/** How far a sub flow has come. */
export interface SubFlowProgress {
  readonly status: ProgressStatus
  /** Inside of loops: the passes in which it ended so, by how it ended. */
  readonly passes?: { readonly [status in ProgressStatus]?: number }
  /** Inside of loops: the items of its loop, in all passes of the loops around it that have begun; absent before its list is known. */
  readonly items?: number
}

/** What a node has done so far, in all frames. Null where nothing counted it. */
export interface NodeProgress {
  readonly status: ProgressStatus
  readonly runs: number
  readonly rows: number | null
  /** Rows that went over the data connections from its ports; absent when none were counted. */
  readonly outputs?: PortRows
  readonly rejected: number | null
  readonly seconds: number | null
  readonly error?: EventError
}

/** How far a run has come, as its journal tells it; also of one that is going on or was killed. */
export interface RunProgress {
  readonly run: string
  /** Of the whole run. */
  readonly status: HistoryStatus
  readonly subFlows: ReadonlyMap<string, SubFlowProgress>
  readonly nodes: ReadonlyMap<string, NodeProgress>
  /** Control connections outside of loops that were looked at, by `from>to`. */
  readonly connections: ReadonlyMap<string, 'taken' | 'not taken' | 'blocking'>
  /** Items of the loops that have begun, by `from>to` of the iterate connection. */
  readonly items: ReadonlyMap<string, number>
}
