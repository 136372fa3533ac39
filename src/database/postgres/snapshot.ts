import type { DatabaseSession, DatabaseSnapshot } from '../../sdk/database.js'
import type { ConnectionPool } from './pool.js'
import { PostgresSession } from './session.js'

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

/**
 * One state of a database, which any number of sessions see. Its own connection holds it open and reads nothing: so it locks no
 * table.
 */
export class PostgresSnapshot implements DatabaseSnapshot {
  readonly #pool: ConnectionPool
  readonly #holder: PostgresSession
  readonly #id: string
  readonly #signal: AbortSignal

  private constructor(pool: ConnectionPool, holder: PostgresSession, id: string, signal: AbortSignal) {
    this.#pool = pool
    this.#holder = holder
    this.#id = id
    this.#signal = signal
  }

  static async take(pool: ConnectionPool, signal: AbortSignal): Promise<PostgresSnapshot> {
    const holder = new PostgresSession(await pool.acquire(), pool.label, signal)
    try {
      await holder.script(BEGIN)
      const { rows } = await holder.query('SELECT pg_export_snapshot()')
      return new PostgresSnapshot(pool, holder, rows[0]?.[0] ?? '', signal)
    } catch (error) {
      await holder.lease.release('unclean')
      throw error
    }
  }

  async open(signal?: AbortSignal): Promise<DatabaseSession & { close(): Promise<void> }> {
    const session = new PostgresSession(
      await this.#pool.acquire(),
      this.#pool.label,
      signal ? AbortSignal.any([this.#signal, signal]) : this.#signal,
    )
    try {
      await session.script(`${BEGIN}; SET TRANSACTION SNAPSHOT '${this.#id}'`)
    } catch (error) {
      await session.lease.release('unclean')
      throw error
    }
    return Object.assign(session, { close: () => session.lease.rollback() })
  }

  /** A transaction that has only read has nothing to commit. */
  close(): Promise<void> {
    return this.#holder.lease.rollback()
  }
}
