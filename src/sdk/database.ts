import type { Readable } from 'node:stream'

/**
 * What a config of type `connection` gives the body of a module: a database and who logs in to it. The password stays with the
 * run; two connections with equal values are one and the same, and share one pool.
 */
export interface Connection {
  readonly kind: 'connection'
  /** The system: `postgres`. */
  readonly system: string
  /** For messages, without the password: `postgres://etl@db.example:5432/warehouse`. */
  readonly label: string
}

/** Whether a value is a connection, as a config of that type has it. */
export function isConnection(value: unknown): value is Connection {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'connection'
}

/** A column of a result, with the numbers by which the database knows its type. */
export interface ResultColumn {
  readonly name: string
  readonly typeId: number
  /** Length, precision or scale as the type writes them; -1: none. */
  readonly typeModifier: number
}

/** What a statement gave. Values are the texts that the database sends, so that nothing is rounded; null for NULL. */
export interface QueryResult {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly (readonly (string | null)[])[]
  /** Rows that were changed or returned. */
  readonly count: number
}

/** A session of a database that nobody else uses meanwhile. Every statement ends when the sub flow is cancelled. */
export interface DatabaseSession {
  /** One statement; `params` are sent apart from it, as text. */
  query(text: string, params?: readonly (string | null)[]): Promise<QueryResult>
  /** Several statements in one text; the result is that of the last one. */
  script(text: string): Promise<QueryResult>
  /** `COPY … FROM STDIN`; resolves with the number of rows when the database has taken all of them. */
  copyIn(text: string, bytes: Readable): Promise<number>
  /**
   * `COPY … TO STDOUT`. The stream ends only when the database has said that it sent all; a lost connection is an error of the stream, and
   * so is a row of more bytes than `longestRow`.
   */
  copyOut(text: string, longestRow?: number): Promise<Readable>
}

/** The one transaction that the sub flow of a node has on a connection. It commits with the sub flow. */
export interface DatabaseTransaction {
  /**
   * Does the node's part of the work. Nodes of a sub flow take turns, those of one wave in their order of declaration; a session is
   * of no use any more when `work` has ended.
   */
  perform<T>(work: (session: DatabaseSession) => Promise<T>): Promise<T>
  /**
   * To be called by a node that adds rows to those a table has, before it does, inside of its `perform`. `hasRows` is asked only when the
   * rows come from an incremental source that found no cursor: all of them come then. Throws CURSOR_MISSING when the table has rows already.
   */
  append(table: string, hasRows: () => Promise<boolean>): Promise<void>
  /** Does `work` after the parts of all nodes and right before the commit: for statements that lock a whole table. */
  finally(work: (session: DatabaseSession) => Promise<void>): void
}

/** One state of a database, which all sources of a sub flow with equal connections see. */
export interface DatabaseSnapshot {
  /** A session in the snapshot, read only; close it when all is read. Its statements end with the signal too. */
  open(signal?: AbortSignal): Promise<DatabaseSession & { close(): Promise<void> }>
}

/** How far an incremental source has read. Kept per job, context and node, and moved by the commit of the sub flow. */
export interface Cursor {
  /**
   * The value that an earlier run reached; undefined: there was none. `again`: rows before it are read once more, so that they can only
   * go into a target that takes a row twice as once. `of`: the names of the configs that say what is read and by which column; a cursor
   * that was kept with others, or with other targets in the same sub flow, is none of this source. Throws CURSOR_IN_LOOP, CURSOR_OTHER.
   */
  read(options?: { readonly again?: boolean; readonly of?: readonly string[] }): Promise<string | undefined>
  /** Sets the value that this run reached, from the rows that were read; not called when there were none. */
  move(value: string): void
}
