import { PypeError } from '../../../core/errors.js'
import type { Patience } from './ask-committed.js'
import { commitPartial } from './commit-partial.js'
import { commitTransactions, type Fate } from './commit-transactions.js'
import type { ReadyTransaction } from './sub-flow-databases.js'

/** Nothing of a commit has taken place in any database. */
export interface NothingCommitted {
  readonly error: PypeError
}

/** Writes the rows of a transaction that did not commit once more, from where they were frozen, and commits them. */
export type Fill = (missing: ReadyTransaction) => Promise<void>

/**
 * Brings the databases of an intent to where all of them have committed, or none has: then the reason is returned. Throws COMMIT_PARTIAL
 * when one refuses for good after another one has committed, and other errors when a database cannot be asked.
 */
export async function commitDatabases(
  all: readonly ReadyTransaction[],
  patience: Patience,
  fill: Fill,
): Promise<NothingCommitted | undefined> {
  const fates = await commitTransactions(all, patience)
  const missing = fates.filter(({ committed }) => !committed)
  if (missing.length === 0) return undefined
  if (missing.length === fates.length) return { error: reasonOf(missing) }
  for (const { ready } of missing) {
    try {
      await fill(ready)
    } catch (error) {
      const done = fates.find(({ committed }) => committed)?.ready.connection
      throw commitPartial(done, ready.connection, error)
    }
  }
  return undefined
}

function reasonOf(missing: readonly Fate[]): PypeError {
  const error = missing.find((fate) => fate.error !== undefined)?.error
  if (error === undefined) return new PypeError('INTERNAL', 'A transaction did not commit, and gave no reason.')
  if (error.code !== 'COMMIT_IN_DOUBT') return error
  return new PypeError('DATABASE_UNREACHABLE', `${error.message} It has been asked since: nothing was committed.`, { cause: error })
}
