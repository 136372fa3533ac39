import pLimit from 'p-limit'
import { PypeError } from '../../../core/errors.js'
import type { CommitToken, CursorMove, Database, TokenTransaction } from '../../../database/database.js'
import type { DatabaseSession } from '../../../sdk/database.js'
import { lendSession } from './lend-session.js'

interface LastWork {
  readonly node: string
  readonly position: number
  readonly work: (session: DatabaseSession) => Promise<void>
}

/** The one transaction that an attempt of a sub flow has on a database. It begins with what is asked of it first, by its token. */
export class SubFlowTransaction {
  readonly database: Database
  /** Rows go behind those that a table has. */
  appends = false
  readonly #makeToken: () => Promise<CommitToken>
  readonly #signal: AbortSignal
  readonly #inTurn = pLimit(1)
  readonly #last: LastWork[] = []
  #begun: Promise<{ readonly token: CommitToken; readonly session: TokenTransaction }> | undefined

  /** `makeToken` is asked when the transaction begins. */
  constructor(database: Database, makeToken: () => Promise<CommitToken>, signal: AbortSignal) {
    this.database = database
    this.#makeToken = makeToken
    this.#signal = signal
  }

  perform<T>(node: string, work: (session: DatabaseSession) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      this.#signal.throwIfAborted()
      const { session } = await this.#begin()
      return lendSession(session, node, work)
    })
  }

  finally(last: LastWork): void {
    this.#last.push(last)
  }

  /** Nothing was asked of it, so there is nothing to commit. */
  get isIdle(): boolean {
    return this.#begun === undefined && this.#last.length === 0
  }

  /** Moves cursors, does what was kept for the end, and lets the database check all that it would check at the commit. */
  async prepare(moves: readonly CursorMove[]): Promise<CommitToken> {
    const { session, token } = await this.#begin()
    await session.moveCursors(moves)
    for (const { node, work } of this.#last.sort((a, b) => a.position - b.position)) {
      try {
        await lendSession(session, node, work)
      } catch (error) {
        throw error instanceof PypeError ? error.with({ node }) : error
      }
    }
    await session.checkConstraints()
    return token
  }

  async commit(): Promise<void> {
    await (await this.#begin()).session.commit()
  }

  /** A connection that was lost, or never made, is rolled back by its server. */
  async rollback(): Promise<void> {
    const begun = await this.#begun?.catch(() => undefined)
    await begun?.session.rollback()
  }

  #begin() {
    this.#begun ??= this.#open()
    return this.#begun
  }

  async #open() {
    const token = await this.#makeToken()
    return { token, session: await this.database.begin(token, this.#signal) }
  }
}
