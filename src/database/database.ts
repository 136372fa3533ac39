import type { ConnectionSpec } from '../core/database-connection/spec.js'
import type { Json } from '../core/json.js'
import type { DatabaseSession, DatabaseSnapshot } from '../sdk/database.js'

export type { ConnectionSpec }

/** What a commit on a database is known by. Random, so that no other commit has it. */
export interface CommitToken {
  readonly id: string
  readonly run: string
  readonly subFlow: string
  /** Text of the frame. */
  readonly frame: string
  /** The table that keeps it, as `prepareTokens` named it. */
  readonly table: string
}

/** What a cursor is kept for. */
export interface CursorName {
  readonly job: string
  readonly context: string
  readonly node: string
}

/** What a cursor stands for, in words: it says nothing of another source or another target. */
export interface CursorUse {
  /** The source; absent: its module does not say. */
  readonly of?: string
  /** Where the rows go, each target; absent: it was not noted. */
  readonly into?: readonly string[]
}

/** A cursor as it was kept. */
export interface KeptCursor extends CursorUse {
  readonly value: string
}

/** How a cursor moves with a commit: compared with the value that the run started from, and set, with what it stands for now. */
export interface CursorMove extends CursorName, CursorUse {
  readonly from: string | null
  readonly to: string
}

/** A transaction with its token as the first statement. */
export interface TokenTransaction extends DatabaseSession {
  /** Moves cursors; throws CURSOR_MOVED when one is not where the run found it. */
  moveCursors(moves: readonly CursorMove[]): Promise<void>
  /** Checks all constraints now, so that the commit has no reason left to refuse. */
  checkConstraints(): Promise<void>
  /** No abort of the signal stops it. Throws COMMIT_IN_DOUBT when the connection was lost after the COMMIT was sent: {@link Database.hasCommitted} knows what came of it. */
  commit(): Promise<void>
  /** Never throws: a connection that is lost is rolled back by its server. */
  rollback(): Promise<void>
}

/** One database, reached by one pool of connections. Rejects with coded errors that name the connection by its label. */
export interface Database {
  readonly label: string
  /** Makes the table of tokens when it is missing, in a transaction of its own; returns its quoted name with its schema. */
  prepareTokens(): Promise<string>
  begin(token: CommitToken, signal: AbortSignal): Promise<TokenTransaction>
  snapshot(signal: AbortSignal): Promise<DatabaseSnapshot & { close(): Promise<void> }>
  /** A session outside of any transaction, for statements that cannot be in one; each commits by itself. */
  session(signal: AbortSignal): Promise<DatabaseSession & { close(): Promise<void> }>
  /** Whether the transaction of a token has committed. Waits, but not for ever, for one that is still going on, also when its client is dead. */
  hasCommitted(token: CommitToken): Promise<boolean>
  /** Deletes the tokens of a run that has ended. */
  forgetTokens(table: string, run: string): Promise<void>
  readCursor(table: string, cursor: CursorName): Promise<KeptCursor | undefined>
  /** Where a cursor is kept, in words: so that it can be found and deleted. */
  placeOfCursor(table: string, cursor: CursorName): string
  close(): Promise<void>
}

/** Opens a database; nothing is sent before it is used. */
export type OpenDatabase = (spec: ConnectionSpec) => Database

/** A connection as a journal may hold it: with the templates of secrets and of the environment unrendered. */
export interface SealedConnection {
  readonly label: string
  readonly written: Json
  /** The password stands in the context or in the flow as it is, and not in `written`. */
  readonly withheld?: true
}
