import type { EventError, RunStatus } from '../../core/events.js'
import type { JsonObject } from '../../core/json.js'
import type { TypedValue } from '../../engine/engine.js'
import type { RunOptions } from '../run-options.js'
import type { MemorySlots } from './memory-slots.js'

/** How a run is related to others: what started it, and how its nodes start more. */
export interface Kin {
  readonly startChild: StartChild
  readonly slots: MemorySlots
  /** Whether the outermost run is one of a backfill: its dates are independent of each other. */
  readonly inBackfill: boolean
  /** `--runs` of the outermost run, absolute. */
  readonly runsRoot: string | undefined
  /** Undefined for a run that no node has started. */
  readonly parent: ParentRun | undefined
}

/** What a run knows of the one whose node started it. */
export interface ParentRun {
  readonly run: string
  /** The id that the run itself is to have. */
  readonly childRun: string
  /** Job folders from the outermost run to the parent, absolute and without links. */
  readonly jobs: readonly string[]
  /** What the memory of a run alone is divided by. */
  readonly memoryShare: number
  /** Told what the run has published, when its walk has ended. */
  readonly onGlobals: (globals: Globals) => void
}

/** By `node__name`. */
export type Globals = { readonly [name: string]: TypedValue }

/** What a node asks for. */
export interface ChildRequest {
  /** The job folder, as written. */
  readonly folder: string
  readonly runId: string
  readonly context: string | undefined
  readonly set: JsonObject
  /** The logical time; that of the parent when undefined. */
  readonly date: string | undefined
  readonly signal: AbortSignal
  /** Called once all is checked, and before anything is started. */
  readonly onStart: (job: string) => void
}

/** What came of it. */
export interface ChildOutcome {
  readonly status: RunStatus
  /** The folder of the run. */
  readonly folder: string
  readonly globals: Globals
  readonly errors: readonly EventError[]
}

/** The run that starts another one. */
export interface Starter {
  readonly kin: Kin
  /** Its job folder. */
  readonly folder: string
  readonly cwd: string
  readonly options: RunOptions
  readonly runId: string
  readonly time: string
}

/** Runs another job in this process. Rejects with a coded error when it could not be started. */
export type StartChild = (starter: Starter, request: ChildRequest) => Promise<ChildOutcome>
