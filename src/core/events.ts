import type { ErrorCode } from './error-codes.js'
import type { Place, PypeError } from './errors.js'
import type { FramePath } from './frame.js'
import type { JsonObject } from './json.js'

/** An error as a listener sees it. */
export interface EventError {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
  readonly node?: string
  readonly at?: Place
}

/** How much a line of the log matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
/** How a run ended. */
export type RunStatus = 'completed' | 'failed' | 'cancelled'

interface InSubFlow {
  readonly subFlow: string
  readonly frame: FramePath
}

interface AtNode {
  readonly node: string
  readonly frame: FramePath
}

interface AtValve {
  readonly from: string
  readonly to: string
  readonly frame: FramePath
}

/** Rows by output port, of those that were counted. */
export type PortRows = { readonly [port: string]: number }

/** What a node did. Null where nothing counted it. */
interface NodeCounts {
  readonly rows: number | null
  /** Rows that went over the data connections from its ports; absent when none were counted. */
  readonly outputs?: PortRows
  readonly bytes: number | null
  readonly rejected: number | null
  readonly seconds: number
}

/** What a node did in all its frames, or in some of them. */
export interface NodeTotal extends NodeCounts {
  readonly node: string
  readonly runs: number
}

/** A statement that is moving rows: the nodes that are fused in it, and how much of it is done, from 0 to 1; null: nobody can tell. */
export interface RunningStatement extends InSubFlow {
  readonly nodes: readonly string[]
  readonly share: number | null
}

/** Everything that happens in a run. Listeners are told; nothing that a listener does changes the run. */
export type RunEvent =
  /** The run begins. `folder` is its own, `date` its logical time, `subFlows` how many there are. */
  | { readonly type: 'run.started'; readonly job: string; readonly folder: string; readonly date: string; readonly subFlows: number }
  /** The run has ended, in whatever way; `error` is the first one. */
  | { readonly type: 'run.completed'; readonly status: RunStatus; readonly seconds: number; readonly error?: EventError }
  /** An attempt of a sub flow begins; the first one is 1. */
  | ({ readonly type: 'subflow.started'; readonly attempt: number } & InSubFlow)
  /** An attempt has failed, and another one comes after the delay. */
  | ({ readonly type: 'subflow.retried'; readonly attempt: number; readonly delaySeconds: number; readonly error: EventError } & InSubFlow)
  /** Its rows are where they belong. `recorded`: an earlier process of the run has done it. */
  | ({ readonly type: 'subflow.completed'; readonly seconds: number; readonly recorded: boolean } & InSubFlow)
  /** The last attempt has failed, and is rolled back. */
  | ({ readonly type: 'subflow.failed'; readonly seconds: number; readonly error: EventError } & InSubFlow)
  /** Nothing led to it. */
  | ({ readonly type: 'subflow.skipped' } & InSubFlow)
  /** Something that it needs has failed, or `halt` keeps it from starting. */
  | ({ readonly type: 'subflow.blocked' } & InSubFlow)
  /** It was running when the run was cancelled, or when another one failed under `halt`. */
  | ({ readonly type: 'subflow.cancelled' } & InSubFlow)
  /** The code of a node begins, or the statement that it is a part of. */
  | ({ readonly type: 'node.started' } & AtNode)
  /** A node has done its part; null is what nothing has counted. `began`: of one that ran code outside of loops, seconds from the start of the attempt to its own. */
  | ({ readonly type: 'node.completed'; readonly began?: number } & NodeCounts & AtNode)
  /** What a node did in an earlier process of the run, in one or more frames. */
  | ({ readonly type: 'node.recorded' } & NodeTotal)
  /** What failed the attempt of its sub flow. */
  | ({ readonly type: 'node.failed'; readonly error: EventError } & AtNode)
  /** The walk goes on along a control connection. */
  | ({ readonly type: 'valve.taken' } & AtValve)
  /** A control connection is not taken; `blocking`: because of a failure. */
  | ({ readonly type: 'valve.closed'; readonly blocking: boolean; readonly error?: EventError } & AtValve)
  /** A loop begins with that many passes; `recorded`: those that earlier processes of the run have walked. */
  | ({ readonly type: 'loop.started'; readonly items: number; readonly recorded: number } & AtValve)
  /** A pass of a loop begins; `frame` is the pass. */
  | ({ readonly type: 'frame.started' } & AtValve)
  /** A pass has ended with all that it led to. */
  | ({ readonly type: 'frame.ended'; readonly failed: boolean } & AtValve)
  /** Rows went to disk because of their number or because memory was short. */
  | ({
      readonly type: 'artifact.spilled'
      readonly port: string
      readonly path: string
      readonly rows: number
      readonly bytes: number | null
      readonly reason: string
    } & AtNode)
  /** From time to time, for who asks for it: what is going on right now. In bytes: what is in the folder for what does not fit in memory, and the memory of the process. */
  | { readonly type: 'run.progress'; readonly statements: readonly RunningStatement[]; readonly spilled: number; readonly memory: number }
  /** The end of a sub flow is in the journal: a resume goes on behind it. */
  | ({ readonly type: 'checkpoint.saved' } & InSubFlow)
  /** What an earlier run that was killed had left was finished or removed. */
  | { readonly type: 'leftover.settled'; readonly run: string; readonly finished: number; readonly removed: number }
  /** A line that a node, a command or the run itself has written. */
  | {
      readonly type: 'log'
      readonly level: LogLevel
      readonly message: string
      readonly node?: string
      readonly frame?: FramePath
      readonly fields?: JsonObject
    }

/** Tells the listeners of a run. */
export type Emit = (event: RunEvent) => void

// Stacks are for a terminal, and not for the log or the journal: they stay beside the events.
const origins = new WeakMap<EventError, PypeError>()

/** The error that an event in this process was made of. */
export function originOf(error: EventError): PypeError | undefined {
  return origins.get(error)
}

/** What of an error goes into an event. */
export function toEventError(error: PypeError): EventError {
  const seen = {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.node === undefined ? {} : { node: error.node }),
    ...(error.at === undefined ? {} : { at: error.at }),
  }
  origins.set(seen, error)
  return seen
}
