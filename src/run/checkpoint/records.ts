import type { EventError, RunStatus } from '../../core/events.js'
import type { FramePath } from '../../core/frame.js'
import type { Json, JsonObject } from '../../core/json.js'
import type { CommitToken, CursorMove, SealedConnection } from '../../database/database.js'
import type { TypedValue } from '../../engine/engine.js'
import type { BoundaryArtifact, NodeReport } from '../execution/sub-flow.js'
import type { Verdict } from '../scheduling/settle.js'
import type { FileProof } from './file-proof.js'

/** The format of the journal's records. */
export const JOURNAL_VERSION = 1

/** The first record: all that a resume needs to go on as the same run. */
export interface RunRecord {
  readonly kind: 'run'
  readonly journal_version: number
  readonly job: string
  readonly run: string
  /** The run whose node started it. */
  readonly parent?: string
  /** When it started, ISO 8601. */
  readonly started: string
  /** The logical time, as a TIMESTAMP. */
  readonly date: string
  readonly time_zone: string
  readonly cwd: string
  /** The name of the context, by which cursors are kept. */
  readonly context_name: string
  /** Without secrets and passwords. */
  readonly context: JsonObject
  /** Values that hold a secret, or a password from the environment: as they were written, with their templates. */
  readonly sealed_context?: JsonObject
  /** Names of values that hold a password as it is. */
  readonly withheld_context?: readonly string[]
  readonly set: JsonObject
  readonly pype_version: string
  readonly engine: { readonly name: string; readonly version: string }
  /** Versions by name. */
  readonly modules: { readonly [module: string]: string }
  /** Hashes by sub flow. */
  readonly hashes: { readonly [subFlow: string]: string }
}

interface OfSubFlow {
  readonly sub_flow: string
  readonly frame: FramePath
}

/** An attempt that is about to act outside: to write a staged path, to start the run of another job, or (neither) to do something else. */
export interface StartedRecord extends OfSubFlow {
  readonly kind: 'started'
  readonly attempt: number
  readonly node: string
  readonly staged?: string
  readonly target?: string
  /** The folder of the other job, and the id of its run. */
  readonly child?: { readonly job: string; readonly run: string }
}

/** What a completed sub flow leaves behind. */
export interface Completion {
  readonly globals: { readonly [name: string]: TypedValue }
  readonly boundaries: readonly BoundaryArtifact[]
  readonly nodes: readonly NodeReport[]
  /** Cursors whose rows have crossed a boundary: they move when the run completes. */
  readonly cursors?: readonly CursorMove[]
}

/** How one target comes into place. Paths are absolute. */
export type CommitEntry =
  | { readonly kind: 'file'; readonly staged: string; readonly target: string; readonly size: number; readonly hash: string }
  /** An older folder is moved to `aside` first. */
  | {
      readonly kind: 'folder'
      readonly staged: string
      readonly target: string
      readonly aside: string
      readonly size: number
      readonly hash: string
    }
  /** The target is cut to `old_length` and takes the staged files one after the other. */
  | {
      readonly kind: 'append'
      readonly staged: readonly string[]
      readonly target: string
      readonly old_length: number
      readonly size: number
      readonly hash: string
    }
  /** A file of the user's is renamed. `size` and `modified` are the proof that it is still the one that was meant. */
  | ({ readonly kind: 'move'; readonly source: string; readonly target: string } & FileProof)
  /** A file or a link is removed; a folder is moved to `aside` first. */
  | ({ readonly kind: 'delete'; readonly target: string; readonly aside: string | null } & FileProof)

/** One transaction of a commit: it has taken place when the database has the token. */
export interface DatabaseCommit {
  readonly connection: SealedConnection
  readonly token: CommitToken
  /** Rows went behind those that a table had. */
  readonly appends: boolean
}

/** Flushed before anything is renamed: from here on the sub flow is finished, by whoever reads it. */
export interface IntentRecord extends OfSubFlow {
  readonly kind: 'intent'
  readonly attempt: number
  readonly entries: readonly CommitEntry[]
  /** Staged folders that are empty when all entries are in place. */
  readonly remove: readonly string[]
  /** Committed before anything is renamed: either all of them come to pass, or none and the intent is given up. */
  readonly databases: readonly DatabaseCommit[]
  readonly completion: Completion
}

/** The name under which the cursors move that wait for the end of the run. */
export const RUN_CURSORS = '(cursors)'

/** A sub flow whose output is in place. */
export interface CompletedRecord extends OfSubFlow, Completion {
  readonly kind: 'completed'
}

/** An attempt that has failed and left nothing. */
export interface FailedRecord extends OfSubFlow {
  readonly kind: 'failed'
  readonly attempt: number
  readonly error: EventError
}

/** An intent that was given up. */
export interface AbortRecord extends OfSubFlow {
  readonly kind: 'abort'
  readonly reason: string
}

/** A connection that the walk has looked at. */
export interface SettledRecord {
  readonly kind: 'settled'
  readonly from: string
  readonly to: string
  readonly frame: FramePath
  readonly verdict: Verdict
}

/** The items of an `iterate` connection, whole; rows are in a boundary artifact. */
export interface ListRecord {
  readonly kind: 'list'
  readonly from: string
  readonly to: string
  readonly frame: FramePath
  readonly items: readonly Json[] | { readonly artifact: BoundaryArtifact }
}

/** A frame that has ended. */
export interface FrameRecord {
  readonly kind: 'frame'
  /** The iterate connection. */
  readonly loop: { readonly from: string; readonly to: string }
  /** The pass. */
  readonly frame: FramePath
  readonly failed: boolean
  readonly exits: readonly { readonly from: string; readonly to: string; readonly verdict: Verdict }[]
  readonly globals: { readonly [name: string]: TypedValue }
}

/** The last record of a run. `superseded`: a later start has settled it. */
export interface EndRecord {
  readonly kind: 'end'
  readonly status: RunStatus | 'superseded'
  readonly time: string
}

/** One line of a journal. */
export type JournalRecord =
  | RunRecord
  | StartedRecord
  | IntentRecord
  | CompletedRecord
  | FailedRecord
  | AbortRecord
  | SettledRecord
  | ListRecord
  | FrameRecord
  | EndRecord

/** The kinds of records, for readers. */
export const RECORD_KINDS: ReadonlySet<string> = new Set([
  'run',
  'started',
  'intent',
  'completed',
  'failed',
  'abort',
  'settled',
  'list',
  'frame',
  'end',
] satisfies JournalRecord['kind'][])
