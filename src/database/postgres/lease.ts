import type { PoolClient } from 'pg'
import { PypeError } from '../../core/errors.js'

/** Milliseconds that a cancelled statement may take to end before its connection is cut. */
const CANCEL_TIME = 5_000

/** Connections whose parameters are set. */
const prepared = new WeakSet<PoolClient>()

/** A connection while one user has it. */
export class Lease {
  readonly client: PoolClient
  readonly #sendCancel: (processId: number) => Promise<void>
  #cancelling: Promise<void> | undefined
  #isLost = false
  #isReleased = false
  readonly #onError = () => {
    this.#isLost = true
  }

  constructor(client: PoolClient, sendCancel: (processId: number) => Promise<void>) {
    this.client = client
    this.#sendCancel = sendCancel
    client.on('error', this.#onError)
  }

  /** Whether the connection is gone: what is sent now reaches nobody. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** Whether the connection was given back: somebody else may have it. */
  get isReleased(): boolean {
    return this.#isReleased
  }

  /** Sets the parameters of the session, once per connection. */
  async prepare(settings: { readonly [name: string]: string }): Promise<void> {
    if (prepared.has(this.client)) return
    try {
      await this.client.query('SELECT set_config(key, value, false) FROM json_each_text($1)', [JSON.stringify(settings)])
      prepared.add(this.client)
    } catch (error) {
      await this.release('unclean')
      throw error
    }
  }

  /**
   * Waits for a statement that was sent. An abort of the signal ends it at the server (which would not look whether its client is
   * still there, and keep its locks), or cuts the connection when the server does not do so in time. Rejects then with CANCELLED.
   */
  async run<T>(signal: AbortSignal | undefined, send: () => Promise<T>): Promise<T> {
    if (signal?.aborted) throw cancelled(signal)
    let timer: NodeJS.Timeout | undefined
    const cancel = () => {
      timer = setTimeout(() => this.destroy(), CANCEL_TIME)
      this.cancel()
    }
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await send()
    } catch (error) {
      throw signal?.aborted ? cancelled(signal) : error
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
    }
  }

  /** Ends the statement that runs at the server. The connection goes when it is given back. */
  cancel(): void {
    const processId = 'processID' in this.client ? Number(this.client.processID) : 0
    this.#cancelling ??= this.#sendCancel(processId).catch(() => this.destroy())
  }

  /** Rolls back the transaction that is open and gives the connection back. Never rejects: the server rolls back what loses its connection. */
  async rollback(): Promise<void> {
    if (this.#isReleased) return
    // What is amid a copy does not take the statement.
    const timer = setTimeout(() => this.destroy(), CANCEL_TIME)
    const isClean = !this.#isLost && (await succeeds(this.client.query('ROLLBACK')))
    clearTimeout(timer)
    await this.release(isClean ? 'clean' : 'unclean')
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#isLost = true
    this.client.connection.stream.destroy()
  }

  /** Gives the connection back; when it may not be as it was found, it is closed. */
  async release(state: 'clean' | 'unclean'): Promise<void> {
    if (this.#isReleased) return
    this.#isReleased = true
    // A cancel that comes late must not meet the next statement.
    await this.#cancelling
    this.client.release(state === 'unclean' || this.#isLost || this.#cancelling !== undefined)
    this.client.off('error', this.#onError)
  }
}

export function cancelled(signal: AbortSignal): PypeError {
  return new PypeError('CANCELLED', 'The statement was cancelled.', { cause: signal.reason })
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
}
