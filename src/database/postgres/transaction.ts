import { PypeError } from '../../core/errors.js'
import type { CommitToken, CursorMove, TokenTransaction } from '../database.js'
import { moveCursors } from './cursors.js'
import { explainFailure } from './explain-failure.js'
import type { Lease } from './lease.js'
import { PostgresSession } from './session.js'
import { writeToken } from './tokens.js'

/** A transaction that begins with its token. */
export class PostgresTransaction extends PostgresSession implements TokenTransaction {
  readonly #token: CommitToken

  private constructor(lease: Lease, label: string, token: CommitToken, signal: AbortSignal) {
    super(lease, label, signal)
    this.#token = token
  }

  static async begin(lease: Lease, label: string, token: CommitToken, signal: AbortSignal): Promise<PostgresTransaction> {
    const transaction = new PostgresTransaction(lease, label, token, signal)
    try {
      // Whatever the server's default: statements see what others have committed, as those of a bulk load expect.
      await transaction.script('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE')
      await writeToken(transaction, token)
      return transaction
    } catch (error) {
      await transaction.rollback()
      throw error
    }
  }

  moveCursors(moves: readonly CursorMove[]): Promise<void> {
    return moveCursors(this, this.#token.table, moves)
  }

  async checkConstraints(): Promise<void> {
    await this.script('SET CONSTRAINTS ALL IMMEDIATE')
  }

  async commit(): Promise<void> {
    const { lease, label } = this
    // Nothing has been sent, so that nothing is in doubt.
    if (lease.isLost) throw explainFailure(new Error('it ended before the commit'), this, 'COMMIT')
    let command: string
    try {
      command = (await lease.run(undefined, () => lease.client.query('COMMIT'))).command
    } catch (error) {
      throw explainCommit(explainFailure(error, this, 'COMMIT'), label)
    }
    await lease.release('clean')
    // A statement that failed has ended the transaction; COMMIT then answers as ROLLBACK does, and without an error.
    if (command !== 'COMMIT') throw new PypeError('DATABASE_FAILED', `${label} rolled the transaction back instead of committing it.`)
  }

  rollback(): Promise<void> {
    return this.lease.rollback()
  }
}

function explainCommit(error: unknown, label: string): unknown {
  if (!(error instanceof PypeError && error.code === 'DATABASE_UNREACHABLE')) return error
  return new PypeError('COMMIT_IN_DOUBT', `The connection to ${label} was lost after the COMMIT was sent.`, { cause: error })
}
