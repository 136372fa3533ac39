import type { Readable } from 'node:stream'
import type { RecordBatch, Table } from 'apache-arrow'
import type { PypeError } from '../core/errors.js'
import type { Row } from '../sdk/artifact.js'
import type { Continuation, CopyFormat, CopyResult } from '../sdk/context.js'
import type { Column, Expression, Relation, ScanRelation, StoredRelation } from '../sdk/relation.js'
import type { RelationLineage } from './lineage.js'
import type { RowsProfile } from './rows-profile.js'

/** How an engine is opened. Nothing of it is read from the environment. */
export interface EngineOptions {
  /** Folder for what does not fit in memory; the engine makes and empties it. */
  readonly spillDir: string
  /** As the engine writes it: `4GB`. */
  readonly memoryLimit: string
  /** Threads that work on one statement. */
  readonly threads: number
  /** Statements that may run at once. */
  readonly statements: number
  readonly timeZone: string
  /** Relative paths in scans start here. */
  readonly cwd: string
  /**
   * Bytes that are read of files only to know their columns, where that takes whole files: scans of more than that, and of what is no
   * regular file, fail when their columns are asked for. Default: no limit.
   */
  readonly readAtMost?: number
  /** Hears of what a user should know and no error tells: a column whose type could not be inferred. */
  readonly onWarning?: (message: string) => void
  /** False switches the engine's optimizer off: for tests that hold its results against each other. */
  readonly optimizer?: boolean
}

/** A typed value as an engine gave it: its SQL type and its exact text (null for NULL). */
export interface TypedValue {
  readonly type: string
  readonly text: string | null
}

/** Names that the relations of a sub flow bear in statements and messages (`keep_adults.output`). */
export type RelationNames = ReadonlyMap<Relation, string>

/** What a statement needs beside its relation. */
export interface StatementOptions {
  readonly names: RelationNames
  readonly signal: AbortSignal
  readonly watch?: StatementWatch | undefined
}

/** Follows the statements that move all rows of a relation. */
export interface StatementWatch {
  /**
   * A statement over these relations has begun; what it returns is called when it has ended. `share` says how much of it is done, from 0
   * to 1; undefined as long as the engine cannot tell. Undefined: nobody asks.
   */
  readonly begin?: ((relations: readonly Relation[], share: () => number | undefined) => () => void) | undefined
  /** Of these relations the rows are counted on their way through a statement, which costs some time. */
  readonly isCounted?: ((relation: Relation) => boolean) | undefined
  /** So many rows of a relation were moved. */
  readonly onRows: (relation: Relation, rows: number) => void
}

/** Where rows are kept: in a file, or in memory as long as they are at most `maxRows`, else in the file after all. */
export interface StoreTarget {
  readonly kind: 'memory' | 'parquet'
  readonly path: string
  readonly maxRows: number
  /** A file in any order of the rows takes less memory to write. */
  readonly inAnyOrder?: boolean
  /** Gives the whole file, which was written beside `path`, its name; just a rename when undefined. */
  readonly place?: (written: string, path: string) => Promise<void>
}

/** How large a sample is: a number of rows, or a share of all of them in percent. */
export type SampleSize = { readonly rows: number } | { readonly percent: number }

/** Moves rows: compiles relations into its own statements and runs them. */
export interface Engine {
  readonly name: string
  readonly dialect: string
  readonly version: string
  /** Binds a relation: its columns, or a coded error that says what is wrong with it. Each relation is bound once. */
  columns(relation: Relation, options: StatementOptions): Promise<readonly Column[]>
  /** Takes the columns of a scan for known: its files are not looked at, and cannot be read any more. */
  assume(scan: ScanRelation, columns: readonly Column[]): void
  /** What is wrong with the queries of each of some relations, though they bind: comparisons that fail on the first value that cannot be converted. */
  findUnlikeTypes(relations: readonly Relation[], options: StatementOptions): Promise<readonly (readonly PypeError[])[]>
  /** Where the columns of a relation come from: from those of the stored relations that it stands on. Its rows are not looked at. */
  lineage(relation: Relation, options: StatementOptions): Promise<RelationLineage>
  /** What is wrong with the syntax of an expression, without a look at what its names mean. */
  findSyntaxFault(expression: Expression): Promise<PypeError | undefined>
  /** The first rows of a relation: nothing is read beyond them that need not be. */
  first(relation: Relation, count: number): Relation
  /** Rows of a relation that are picked at random: so many, or each with that probability. */
  sample(relation: Relation, size: SampleSize): Relation
  /** The same rows with long values cut, in such a way that {@link profile} tells them apart. */
  shorten(relation: Relation, options: StatementOptions): Promise<Relation>
  /** What the values of each column are like: of stored rows that have been shortened, and had these columns before. */
  profile(stored: StoredRelation, columns: readonly Column[], signal: AbortSignal): Promise<RowsProfile>
  /** A guess at the number of rows, for the choice between memory and disk. */
  estimateRows(relation: Relation, options: StatementOptions): Promise<number>
  /** Runs a relation once and keeps its rows; from then on every relation that reads it reads them. The bad rows of one that rejects them are kept too. */
  store(relation: Relation, target: StoreTarget, options: StatementOptions): Promise<StoredRelation>
  /** Takes rows from module code over into the engine. */
  ingest(
    columns: readonly Column[] | null,
    source: Table | AsyncIterable<RecordBatch> | Iterable<Row> | AsyncIterable<Row>,
    target: StoreTarget,
    options: StatementOptions,
  ): Promise<StoredRelation>
  /** Makes a Parquet file that an engine wrote earlier readable again. */
  open(path: string, columns: readonly Column[], rows: number): StoredRelation
  /** Forgets the rows of a stored relation: drops the table or deletes the file. */
  free(relation: Relation): Promise<void>
  /** Runs a relation into new files at `path`. */
  copy(relation: Relation, path: string, format: CopyFormat, options: StatementOptions): Promise<CopyResult>
  /** Runs a relation and hands the bytes of the format to `consume` as they come, in any order unless a query sorts them; each side ends with an error when the other one fails. */
  send<T>(
    relation: Relation,
    format: CopyFormat,
    consume: (bytes: Readable) => Promise<T>,
    options: StatementOptions,
  ): Promise<{ readonly result: T; readonly rows: number }>
  /** How a relation goes behind the rows of the file `target`; `lead` is asked again when the rows are put there. */
  continueFile(relation: Relation, target: string, format: CopyFormat, options: StatementOptions): Promise<Continuation>
  /** The first rows of a relation as objects. */
  head(relation: Relation, limit: number, options: StatementOptions): Promise<readonly Row[]>
  /** The columns of the first row of a relation with exact values. */
  firstRow(relation: Relation, options: StatementOptions): Promise<{ readonly [column: string]: TypedValue }>
  /** All rows of a stored relation, in order. */
  batches(stored: StoredRelation, signal: AbortSignal): AsyncIterable<RecordBatch>
  rows(stored: StoredRelation, signal: AbortSignal): AsyncIterable<Row>
  /** Evaluates an expression without rows: a condition. NULL gives null; a value that is not boolean is a coded error. */
  condition(expression: Expression, signal: AbortSignal): Promise<boolean | null>
  close(): Promise<void>
}
