import type { CommitToken, ConnectionSpec, CursorName, Database, KeptCursor } from '../database.js'
import { readCursor, rowOfCursor } from './cursors.js'
import { ConnectionPool } from './pool.js'
import { PostgresSession } from './session.js'
import { PostgresSnapshot } from './snapshot.js'
import { deleteTokens, hasToken, prepareTokenTable } from './tokens.js'
import { PostgresTransaction } from './transaction.js'

/** Opens a PostgreSQL database; nothing is sent before it is used. */
export function openPostgres(spec: ConnectionSpec): Database {
  return new PostgresDatabase(spec)
}

class PostgresDatabase implements Database {
  readonly #spec: ConnectionSpec
  readonly #pool: ConnectionPool

  constructor(spec: ConnectionSpec) {
    this.#spec = spec
    this.#pool = new ConnectionPool(spec)
  }

  get label(): string {
    return this.#pool.label
  }

  prepareTokens(): Promise<string> {
    return this.#use((session) => prepareTokenTable(session, this.#spec.tokenTable))
  }

  async begin(token: CommitToken, signal: AbortSignal): Promise<PostgresTransaction> {
    return PostgresTransaction.begin(await this.#pool.acquire(), this.label, token, signal)
  }

  snapshot(signal: AbortSignal): Promise<PostgresSnapshot> {
    return PostgresSnapshot.take(this.#pool, signal)
  }

  async session(signal: AbortSignal): Promise<PostgresSession & { close(): Promise<void> }> {
    const session = new PostgresSession(await this.#pool.acquire(), this.label, signal)
    // What its statements have set is not for the next user of the connection.
    return Object.assign(session, { close: () => session.lease.release('unclean') })
  }

  hasCommitted(token: CommitToken): Promise<boolean> {
    return this.#use((session) => hasToken(session, token))
  }

  forgetTokens(table: string, run: string): Promise<void> {
    return this.#use((session) => deleteTokens(session, table, run))
  }

  readCursor(table: string, cursor: CursorName): Promise<KeptCursor | undefined> {
    return this.#use((session) => readCursor(session, table, cursor))
  }

  placeOfCursor(table: string, cursor: CursorName): string {
    return `${rowOfCursor(table, cursor)}, in ${this.label}`
  }

  async #use<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const lease = await this.#pool.acquire()
    try {
      const result = await work(new PostgresSession(lease, this.label, undefined))
      await lease.release('clean')
      return result
    } catch (error) {
      await lease.release('unclean')
      throw error
    }
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}
