import type { DagNode, DataConnection, SubFlow } from '../../core/dag.js'
import type { FramePath } from '../../core/frame.js'
import type { Json } from '../../core/json.js'
import type { SealedConnection } from '../../database/database.js'
import type { TypedValue } from '../../engine/engine.js'
import type { Lead, StageMode } from '../../sdk/context.js'
import type { Connection, Cursor, DatabaseSession, DatabaseSnapshot, DatabaseTransaction } from '../../sdk/database.js'
import type { Column } from '../../sdk/relation.js'
import type { Found } from '../templating/found.js'

/** One attempt of one sub flow in one frame. */
export interface SubFlowTask {
  readonly name: string
  readonly subFlow: SubFlow
  readonly frame: FramePath
  /** Counts from 1. */
  readonly attempt: number
  readonly iterItem: Json | undefined
  readonly iterIndex: number | undefined
  /** Aborted by a cancel, a timeout, or a failure elsewhere under `halt`. */
  readonly signal: AbortSignal
  /** Where the sinks of this attempt stage their output. */
  readonly staging: Staging
  /** Told the globals that the node which failed has set, by `node__name` in lower case, before the attempt rejects. */
  readonly onFailed: (globals: SubFlowOutcome['globals']) => void
}

/**
 * Where the cursor of an incremental source is kept: in the one database that the sinks of its sub flow write to; or in a file, where it
 * moves with the commit of the sub flow or, when the rows leave the sub flow first, when the run completes.
 */
export type CursorPlace =
  | { readonly kind: 'database'; readonly connection: Connection; readonly targets: readonly string[] }
  | { readonly kind: 'file' | 'run'; readonly targets: readonly string[] }

/** An incremental source, as its cursor sees it. */
export interface CursorSource {
  readonly findPlace: () => CursorPlace
  /** What is read, in words, by the names of the configs that say it. */
  readonly describe: (configs: readonly string[]) => string
}

/** The commit of one attempt: nothing that was staged is visible before `commit`, nothing is left after `rollback`. */
export interface Staging {
  /** A hidden path beside `target`, recorded before it is handed out, so that a killed run's can be swept. */
  stageFile(node: string, target: string, mode: StageMode, lead?: Lead): Promise<string>
  stageCopy(node: string, source: string, target: string, mode: 'replace' | 'create', signal: AbortSignal): Promise<void>
  stageMove(node: string, source: string, target: string, mode: 'replace' | 'create', signal: AbortSignal): Promise<void>
  stageDelete(node: string, target: string, recursive: boolean): Promise<void>
  /** A node begins or ends its work, with the connections that stand in its configs. Those of one wave enter in order of declaration. */
  enter(node: string, connections: readonly Connection[]): void
  leave(node: string): void
  /** Takes what is needed to run a sink again, of a sub flow that writes to several databases; `files` are there for this alone. */
  freeze(refill: Refill, files: readonly string[]): void
  /** The part that a node has of the transaction of the sub flow on a connection. */
  transaction(node: string, connection: Connection, signal: AbortSignal): Promise<DatabaseTransaction>
  snapshot(node: string, connection: Connection, signal: AbortSignal): Promise<DatabaseSnapshot>
  /** A session outside of the transaction. Recorded as acting outside before it is handed out. */
  session(node: string, connection: Connection, signal: AbortSignal): Promise<DatabaseSession & { close(): Promise<void> }>
  /** The cursor of a node. `source` is asked when it is read. */
  cursor(node: string, source: CursorSource, signal: AbortSignal): Cursor
  /** Records and flushes that a node is about to act outside, by a run of another job or in another way. */
  actOutside(node: string, child?: { readonly job: string; readonly run: string }): void
  onCommit(action: () => void | Promise<void>): void
  onRollback(action: () => void | Promise<void>): void
  tokenOf(node: string): string
}

/** Rows that crossed a boundary: a Parquet file in the run's `artifacts/`. */
export interface BoundaryArtifact {
  readonly node: string
  readonly port: string
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** CRC-32 of the file's footer, in hex: with the size the proof that it is the file that was written. */
  readonly footer: string
  readonly columns: readonly Column[]
  readonly rows: number
}

/** A sink that may have to be run again, on the very rows that it has had. */
export interface Refill {
  readonly node: DagNode
  /** The rows at its input ports, by port. */
  readonly inputs: { readonly [port: string]: BoundaryArtifact }
  /** Its configs of type connection. */
  readonly connections: { readonly [config: string]: SealedConnection }
  /** What the templates of its other configs stood for, by template; not those of secrets and of the environment. */
  readonly templates: { readonly [source: string]: Found }
  readonly attempt: number
  readonly item?: Json
  readonly index?: number
  /** Its commit token, the same for each try. */
  readonly token: string
}

/** Where a sink that is run again stands, and what it writes through. */
export interface SinkAgain {
  readonly refill: Refill
  readonly subFlow: string
  readonly frame: FramePath
  readonly staging: Staging
  readonly signal: AbortSignal
  /** Its configs as it had them. */
  readonly config: Record<string, unknown>
}

/** What a node did, for the summary. `rows` and `bytes` are null where nothing counted them. */
export interface NodeReport {
  readonly node: string
  readonly rows: number | null
  readonly bytes: number | null
  readonly rejected: number | null
  readonly seconds: number
}

/** What a sub flow leaves behind when all its nodes have ended and before it commits. */
export interface SubFlowOutcome {
  /** By `node__name` in lower case. */
  readonly globals: { readonly [name: string]: TypedValue }
  readonly boundaries: readonly BoundaryArtifact[]
  readonly nodes: readonly NodeReport[]
  /** The list that a node published, by node. */
  readonly items: { readonly [node: string]: readonly Json[] }
  /** It was started because of a failure, or of a loop that has not completed every pass. */
  readonly provisional?: true
}

/** The parts of a dag that one sub flow needs, looked up once. */
export interface SubFlowGraph {
  readonly nodes: readonly DagNode[]
  /** Data connections inside the sub flow. */
  readonly inner: readonly DataConnection[]
  /** Boundaries into it. */
  readonly incoming: readonly DataConnection[]
  /** Boundaries out of it. */
  readonly outgoing: readonly DataConnection[]
  /** The ports whose rows are the list of a loop, unless the node publishes items. */
  readonly lists: readonly { readonly node: string; readonly port: string }[]
}
