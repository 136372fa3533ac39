import { PypeError } from '../../core/errors.js'
import type { CommitToken, Database } from '../../database/database.js'
import type { Patience } from '../checkpoint/databases/ask-committed.js'
import { askCommitted } from '../checkpoint/databases/ask-committed.js'
import { createToken } from '../checkpoint/databases/create-token.js'
import { SubFlowTransaction } from '../checkpoint/databases/sub-flow-transaction.js'
import { TokenTables } from '../checkpoint/databases/token-tables.js'
import type { Refill } from './refill.js'
import { RefillStaging, type RefillTargets } from './refill-staging.js'

/** A transaction of a commit that has not taken place, and the sinks that fill it. */
export interface MissingCommit {
  readonly token: CommitToken
  readonly refill: readonly Refill[]
}

/** What a database is filled again with. */
export interface Refiller {
  /** Runs a sink on its frozen rows; `staging` leads to the transaction. */
  runSink(refill: Refill, staging: RefillStaging, signal: AbortSignal): Promise<void>
  readonly databaseOf: RefillTargets['databaseOf']
  readonly scratchFolder: string
}

/** Seconds before each further try, when what was in the way may be gone by then. */
const PAUSES = [0.5, 2, 5, 15, 30]
const PASSING: ReadonlySet<string> = new Set(['DATABASE_UNREACHABLE', 'COMMIT_IN_DOUBT', 'DATABASE_FAILED', 'ENGINE_LOST'])

/**
 * Writes the rows of a commit where they are missing: in a new transaction with the same token, so that it takes place once. Throws
 * what the last try threw.
 */
export async function refillDatabase(missing: MissingCommit, database: Database, refiller: Refiller, patience: Patience): Promise<void> {
  for (const seconds of [...PAUSES, undefined]) {
    try {
      return await tryRefill(missing, database, refiller, patience)
    } catch (error) {
      if (seconds === undefined || !(error instanceof PypeError) || !PASSING.has(error.code)) throw error
      await patience.pause(seconds)
    }
  }
}

async function tryRefill({ token, refill }: MissingCommit, database: Database, refiller: Refiller, patience: Patience): Promise<void> {
  // Nothing cancels it: what has begun to commit is finished.
  const { signal } = new AbortController()
  const tables = new TokenTables()
  const transaction = new SubFlowTransaction(database, async () => token, signal)
  const openIdle = (other: Database) => new SubFlowTransaction(other, () => createToken(other, token, tables), signal)
  const { databaseOf, scratchFolder } = refiller
  try {
    for (const one of refill) {
      const staging = new RefillStaging(one, { databaseOf, transaction, openIdle, scratchFolder })
      try {
        await refiller.runSink(one, staging, signal)
      } finally {
        await staging.close()
      }
    }
    await transaction.prepare([])
    await transaction.commit()
  } catch (error) {
    await transaction.rollback()
    if (!(await askCommitted(database, token, patience))) throw error
  }
}
