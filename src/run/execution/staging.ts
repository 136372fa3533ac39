import type { Lead, StageMode } from '../../sdk/context.js'
import type { Connection, Cursor, DatabaseSession, DatabaseSnapshot, DatabaseTransaction } from '../../sdk/database.js'
import type { ChildRun } from '../checkpoint/journal/records.js'
import type { Refill } from '../refill/refill.js'

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
  actOutside(node: string, child?: ChildRun): void
  onCommit(action: () => void | Promise<void>): void
  onRollback(action: () => void | Promise<void>): void
  tokenOf(node: string): string
}
