import type { Readable } from 'node:stream'
import type { RecordBatch, Table } from 'apache-arrow'
import type { Json, JsonObject } from '../core/json.js'
import type { DataArtifact, Row } from './artifact.js'
import type { Connection, Cursor, DatabaseSession, DatabaseSnapshot, DatabaseTransaction } from './database.js'
import type { ExactValue, JobOutcome, JobRequest } from './job-run.js'
import type { Column, FormatOptions, Relation, SqlValue } from './relation.js'

/** A logger whose lines bear the run, the node and the frame. */
export interface Logger {
  debug(message: string, fields?: JsonObject): void
  info(message: string, fields?: JsonObject): void
  warn(message: string, fields?: JsonObject): void
  error(message: string, fields?: JsonObject): void
}

/** What `run` may put out on a port. Rows need `columns` when there may be none of them. */
export type PortOutput =
  | Relation
  | DataArtifact
  | Table
  | AsyncIterable<RecordBatch>
  | { readonly columns: readonly Column[]; readonly rows: Iterable<Row> | AsyncIterable<Row> }

/** How a file is written. `options` are those of the engine's writer of the format. */
export interface CopyFormat {
  readonly format: 'csv' | 'json' | 'parquet'
  readonly options: FormatOptions
}

/** What was written. */
export interface CopyResult {
  readonly rows: number
  /** Bytes of all files. */
  readonly bytes: number
}

/** How rows are put behind those that a file of lines has. */
export interface Continuation {
  /** For the {@link ModuleEngine.copy} of the rows. */
  readonly format: CopyFormat
  /** For {@link RunContext.stageFile}: the header, or the end of line that the last row lacks. Throws when the rows do not go with the file. */
  readonly lead: Lead
}

/** Bytes to put between what a file holds at last and what was staged for its end; `before` has the files whose bytes come before. */
export type Lead = (before: readonly string[]) => Promise<Uint8Array>

/** The part of the engine that module code sees. Every statement ends when the run is cancelled. */
export interface ModuleEngine {
  /** The dialect of the SQL that reaches this engine. */
  readonly dialect: string
  columns(relation: Relation | DataArtifact): Promise<readonly Column[]>
  /** Whether nobody else reads the rows of `source`, and none of them is held: then they may be taken from where they come from. */
  isReadOnce(source: Relation | DataArtifact): boolean
  /** Runs the query of `source`, fused with all that it stands on, into a new file or (with `partitionBy` in the options) folder. */
  copy(source: Relation | DataArtifact, path: string, format: CopyFormat): Promise<CopyResult>
  /**
   * Runs the query of `source`, fused with all that it stands on, and hands the bytes of the rows to `consume` while they come: as
   * csv or json, uncompressed unless the options say otherwise; in any order unless a query sorts them. Resolves when both have ended. When the query fails the bytes end with its error, so what
   * `consume` has sent elsewhere must not be committed before they have ended well; when `consume` fails the query is stopped.
   * Throws the error of the side that failed first.
   */
  send<T>(
    source: Relation | DataArtifact,
    format: CopyFormat,
    consume: (bytes: Readable) => Promise<T>,
  ): Promise<{ readonly result: T; readonly rows: number }>
  /**
   * How rows go behind those that `target` has, in a CSV file or one of JSON lines. Columns match by the names in the header. Throws
   * SCHEMA_MISMATCH when they are others.
   */
  continueFile(source: Relation | DataArtifact, target: string, format: CopyFormat): Promise<Continuation>
  /** The first rows, at most `limit`, as objects. */
  head(source: Relation | DataArtifact, limit: number): Promise<readonly Row[]>
}

export type StageMode = 'replace' | 'append' | 'create' | 'replace-partitions' | 'merge'

/** The functions a module with `run` gets for artifacts. */
export interface ModuleArtifacts {
  /** Takes rows over as an artifact; lazy, in memory or on disk as the storage policy says. */
  register(port: string, output: PortOutput): Promise<DataArtifact>
  /** Returns an artifact of another node unchanged. */
  adopt(artifact: DataArtifact): DataArtifact
}

/** What the code of a module knows of the run around it, and what it may do there. */
export interface RunContext<
  Config = { readonly [name: string]: unknown },
  Globals extends string = string,
  Outputs extends string = string,
> {
  /** `id`, or `id#frame` inside a loop. */
  readonly nodeId: string
  readonly runId: string
  /** Text of the frame (`2.0`); empty in the root frame. */
  readonly frame: string
  /** Counts from 1. */
  readonly attempt: number
  /** The logical date of the run (`2026-01-31`) and its logical time (`2026-01-31 06:00:00`). */
  readonly date: string
  readonly time: string
  /** True when an earlier process began this run: what this node does outside may have been done before. */
  readonly resumed: boolean
  /** The item and the index of the loop around this node; undefined outside of one. */
  readonly iterItem: Json | undefined
  readonly iterIndex: number | undefined
  readonly config: Config
  /** Absolute. Relative paths of the flow start here. */
  readonly cwd: string
  /** The environment that the run was given. */
  readonly env: { readonly [name: string]: string | undefined }
  /** Names of the output ports that are connected. */
  readonly outputs: ReadonlySet<Outputs>
  readonly logger: Logger
  /** Aborted when the run is cancelled or this sub flow has failed. */
  readonly signal: AbortSignal
  readonly engine: ModuleEngine
  readonly artifacts: ModuleArtifacts
  /** Worker threads for CPU-bound code: runs the default export of the module at `url` with `input`. */
  readonly threads: { run<Input, Output>(url: URL, input: Input): Promise<Output> }
  /** Publishes a global when the sub flow completes. */
  setGlobal(name: [Globals] extends [never] ? string : Globals, value: SqlValue | ExactValue): void
  /** A global of a node that has ended, as `node__name`. */
  getGlobal(name: string): SqlValue | undefined
  /** Publishes the list of a loop. Only for modules that are defined with `items: true`. */
  setItems(items: Iterable<Json>): void
  /**
   * A hidden path beside `target`, to be written by this module. It becomes `target` when the whole sub flow commits and
   * goes when it fails. `replace` overwrites, `create` fails where the target exists, `append` adds to the end of a file,
   * `replace-partitions` overwrites only the partition folders that were written, `merge` puts the files of a folder into one that
   * may exist, where they replace their namesakes. In the mode `append`, `lead` is asked when nobody else can write the target any more.
   */
  stageFile(target: string, mode: StageMode, lead?: Lead): Promise<string>
  /**
   * Copies a file, with its rights and its time of change; the copy becomes `target` when the whole sub flow commits. A symbolic
   * link is read through.
   */
  stageCopy(source: string, target: string, mode: 'replace' | 'create'): Promise<void>
  /**
   * Moves a file when the whole sub flow commits; until then it stays where it is. A symbolic link is moved itself. Fails when the
   * file has changed by then.
   */
  stageMove(source: string, target: string, mode: 'replace' | 'create'): Promise<void>
  /** Deletes a file or a symbolic link (or, with `recursive`, a folder with all that is in it) when the whole sub flow commits. */
  stageDelete(path: string, options?: { readonly recursive?: boolean }): Promise<void>
  /**
   * The transaction of this sub flow on a connection, shared by its nodes with equal connections. It commits with everything that the
   * sub flow stages, once, whatever happens when.
   */
  transaction(connection: Connection): Promise<DatabaseTransaction>
  /** The state of a database that all sources of this sub flow with equal connections read. It ends when the nodes of the sub flow have. */
  snapshot(connection: Connection): Promise<DatabaseSnapshot>
  /**
   * A session outside of any transaction, for statements that cannot be in one: each commits by itself, and a retry or a resume may send
   * it again. Counts as {@link actOutside}. To be closed by whoever opens it.
   */
  session(connection: Connection): Promise<DatabaseSession & { close(): Promise<void> }>
  /** How far this node has read, if it is an incremental source. */
  readonly cursor: Cursor
  /**
   * To be called before something is done that no rollback can undo (a command, a request): the journal then knows of this attempt,
   * and all that led to it outlives a power cut.
   */
  actOutside(): void
  /**
   * Runs another job in this process, as a run of its own; `folder` is that of the job. Resolves also when that run failed. Rejects
   * with a coded error when it could not be started: JOB_CIRCLE, RUN_BUSY, RUN_SKIPPED, CONTEXT_MISSING, …
   */
  runJob(folder: string, request?: JobRequest): Promise<JobOutcome>
  /** A text with the secrets in it masked. To be called before a text is cut: a part of a secret is not known as one. What a module logs, publishes or throws is masked as it is. */
  readonly mask: (text: string) => string
  /** Called in order once the sub flow has committed. */
  onCommit(action: () => void | Promise<void>): void
  /** Called in reverse order when the sub flow fails or is cancelled. */
  onRollback(action: () => void | Promise<void>): void
  /** Names this node's part in the commit of this sub flow: the same for each try to finish it, different in each attempt. */
  readonly commitToken: string
}
