import pg from 'pg'
import { labelConnection } from '../../core/database-connection/spec.js'
import { PypeError } from '../../core/errors.js'
import type { ConnectionSpec } from '../database.js'
import { explainLogin } from './explain-login.js'
import { Lease } from './lease.js'
import { loginOf, settingsOf } from './login.js'

/** Connections of one login at most; a server takes 100 of all clients together by default. */
const MOST = 64
/** Milliseconds after which an idle connection is closed. */
const IDLE_TIME = 10_000

/** The connections of one login: opened when they are needed, kept for a while after. */
export class ConnectionPool {
  readonly label: string
  readonly #spec: ConnectionSpec
  readonly #pool: pg.Pool
  #closing: Promise<void> | undefined

  constructor(spec: ConnectionSpec) {
    this.#spec = spec
    this.label = labelConnection(spec)
    this.#pool = new pg.Pool({ ...loginOf(spec), max: MOST, idleTimeoutMillis: IDLE_TIME })
    // An idle connection that is lost is of no concern: the pool has dropped it, and the next one tells what is wrong.
    this.#pool.on('error', () => undefined)
  }

  /**
   * Takes a connection that nobody else uses. Rejects with DATABASE_UNREACHABLE, DATABASE_REFUSED, or DATABASE_FAILED when too many
   * are in use: whoever holds one may need another to go on, so that waiting for one could last for ever.
   */
  async acquire(): Promise<Lease> {
    if (this.#pool.totalCount - this.#pool.idleCount >= MOST) {
      throw new PypeError('DATABASE_FAILED', `All ${MOST} connections to ${this.label} are in use.`, {
        hint: 'lower settings.threads, or the concurrency of the loop',
      })
    }
    try {
      const lease = new Lease(await this.#pool.connect(), (processId) => this.#cancel(processId))
      await lease.prepare(settingsOf(this.#spec))
      return lease
    } catch (error) {
      throw explainLogin(error, this.#spec)
    }
  }

  /** Ends the statement that a server process runs, by way of another connection. */
  async #cancel(processId: number): Promise<void> {
    const client = new pg.Client(loginOf(this.#spec))
    // What is wrong with it comes as a rejection too.
    client.on('error', () => undefined)
    await client.connect()
    try {
      await client.query('SELECT pg_cancel_backend($1)', [processId])
    } finally {
      await client.end()
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#pool.end()
    return this.#closing
  }
}
