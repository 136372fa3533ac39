import type { EventError, RunStatus } from '../../../core/events.js'
import type { FramePath } from '../../../core/frame.js'
import type { Json } from '../../../core/json.js'
import type { CommitToken, CursorMove, SealedConnection } from '../../../database/database.js'
import type { TypedValue } from '../../../engine/engine.js'
import type { Column } from '../../../sdk/relation.js'
import type { BoundaryArtifact } from '../../artifacts/boundary-file.js'
import type { NodeReport } from '../../observe/node-totals.js'
import type { Refill } from '../../refill/refill.js'
import type { End, EndCounts, Verdict } from '../../scheduling/settle.js'
import type { RecordedContext } from '../../secrets/recorded-context.js'
import type { FileProof } from '../files/file-proof.js'

/** The format of the journal's records. */
export const JOURNAL_VERSION = 1

/** The first record: what a resume needs to go on as the same run. */
export interface RunRecord extends RecordedContext {
  readonly kind: 'run'
  readonly journal_version: number
  readonly job: string
  readonly run: string
  /** Absolute: the folder of the run when it started. */
  readonly folder?: string
  /** The run whose node started it. */
  readonly parent?: string
  /** When it started, ISO 8601. */
  readonly started: string
  /** The logical time, as a TIMESTAMP. */
  readonly date: string
  readonly time_zone: string
  readonly cwd: string
  /** Absolute: where what does not fit in memory is. */
  readonly spill: string
  /** The name of the context, by which cursors are kept. */
  readonly context_name: string
  readonly pype_version: string
  readonly engine: { readonly name: string; readonly version: string }
  /** Versions by name. */
  readonly modules: { readonly [module: string]: string }
  /** Hashes by sub flow. */
  readonly hashes: { readonly [subFlow: string]: string }
}

/**
 * A later process goes on with the run. What it says does not count any more is void in all records before it. The context is what the
 * mended flow needs and the run did not have.
 */
export interface ResumedRecord extends Partial<Omit<RecordedContext, 'set'>> {
  readonly kind: 'resumed'
  /** Number of the process that walks the run: 2 for the first resume. */
  readonly process: number
  /** When it started, ISO 8601. */
  readonly started: string
  readonly spill: string
  readonly pype_version: string
  readonly engine: RunRecord['engine']
  readonly modules: RunRecord['modules']
  /** Those of the job from now on, when it was built anew. */
  readonly hashes?: RunRecord['hashes']
  readonly void: VoidRecords
}

/** Records that do not count any more because of what was changed since, or is gone. */
export interface VoidRecords {
  /** Sub flows that run again, in whichever frame. */
  readonly sub_flows: readonly string[]
  /** Sub flows in one frame (`load#2`) whose rows are gone and needed; what followed from them stays. */
  readonly lost: readonly string[]
  /** Connections, as `from>to`, that are settled anew, in whichever frame. */
  readonly connections: readonly string[]
  /** Loops, by their `iterate` connections, of which every pass is walked again; what still counts in a pass is not run again. */
  readonly loops: readonly string[]
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
  readonly child?: ChildRun
}

/** The run of another job that a node starts. */
export interface ChildRun {
  /** The folder of the other job. */
  readonly job: string
  readonly run: string
}

/** What a completed sub flow leaves behind. */
export interface Completion {
  readonly globals: { readonly [name: string]: TypedValue }
  readonly boundaries: readonly BoundaryArtifact[]
  readonly nodes: readonly NodeReport[]
  /** Cursors whose rows have crossed a boundary: they move when the run completes. */
  readonly cursors?: readonly CursorMove[]
  /** The lists that nodes published for loops, by node. */
  readonly items?: { readonly [node: string]: readonly Json[] }
  /** It was started because of a failure, or of a loop that has not completed every pass: a resume runs it again. */
  readonly provisional?: true
  /** Columns of the rows that nodes with code have read, by `node.port`, where they differ from what an earlier frame has recorded. For those who look. */
  readonly columns?: { readonly [port: string]: readonly Column[] }
  /** The work that it came of, for those who look. */
  readonly work?: Work
}

/** When a sub flow was at work; journals of older versions do not have it. */
export interface Work {
  /** When its first attempt started, ISO 8601. */
  readonly started: string
  /** When its last attempt started, where that was another one. */
  readonly retried?: string
  /** How many attempts there were; absent: one. */
  readonly attempts?: number
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
      /** Those that have written the staged files. */
      readonly nodes?: readonly string[]
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
  /** With several databases: how this one is filled when another one has committed and it has not. In order of declaration. */
  readonly refill?: readonly Refill[]
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
  /** ISO 8601; absent when a later process has finished the commit, and in journals of older versions. */
  readonly ended?: string
}

/** An attempt that has failed and left nothing. */
export interface FailedRecord extends OfSubFlow {
  readonly kind: 'failed'
  readonly attempt: number
  readonly error: EventError
  readonly work?: Work
  /** ISO 8601; absent in journals of older versions. */
  readonly ended?: string
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
  /** Hash of what decided: type, order and condition of the connection. */
  readonly rule: string
}

/** The items of an `iterate` connection, whole; rows are in a boundary artifact, and what a node published in the record of its sub flow. */
export interface ListRecord {
  readonly kind: 'list'
  readonly from: string
  readonly to: string
  readonly frame: FramePath
  /** As in the settled record that follows. */
  readonly rule: string
  readonly items: { readonly artifact: BoundaryArtifact } | { readonly published: string }
}

/** A frame that has ended. */
export interface FrameRecord {
  readonly kind: 'frame'
  /** The iterate connection. */
  readonly loop: { readonly from: string; readonly to: string }
  /** The pass. */
  readonly frame: FramePath
  readonly failed: boolean
  /** Nothing in it failed, or was kept from running: it is not walked again. */
  readonly whole: boolean
  readonly exits: readonly { readonly from: string; readonly to: string; readonly verdict: Verdict }[]
  readonly globals: { readonly [name: string]: TypedValue }
  /** How its sub flows ended; those of a loop inside as they did in the last pass. */
  readonly ends: { readonly [subFlow: string]: End }
  /** Of all sub flows in it and in the frames inside. */
  readonly counts: Readonly<EndCounts>
}

/** The last record of a process that walks a run. `superseded`: a later start has settled it. */
export interface EndRecord {
  readonly kind: 'end'
  readonly status: RunStatus | 'superseded'
  readonly time: string
  /** Its boundary artifacts stay although it has completed. */
  readonly keeps?: true
  /** Cursors wait for the run to complete. */
  readonly cursors_wait?: true
  /** Absolute: where it has spilled, outside of its folder; it removes that after this record. */
  readonly spill?: string
}

/** One line of a journal. */
export type JournalRecord =
  | RunRecord
  | ResumedRecord
  | StartedRecord
  | IntentRecord
  | CompletedRecord
  | FailedRecord
  | AbortRecord
  | SettledRecord
  | ListRecord
  | FrameRecord
  | EndRecord

const KINDS = {
  run: true,
  resumed: true,
  started: true,
  intent: true,
  completed: true,
  failed: true,
  abort: true,
  settled: true,
  list: true,
  frame: true,
  end: true,
} satisfies Record<JournalRecord['kind'], true>

/** The kinds of records, for readers: what is of another kind is taken for damaged. */
export const RECORD_KINDS: ReadonlySet<string> = new Set(Object.keys(KINDS))
