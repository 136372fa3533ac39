import type { PypeError } from '../../../core/errors.js'
import { toCodedError } from '../../../core/errors.js'
import { askCommitted, type Patience } from './ask-committed.js'
import type { ReadyTransaction } from './sub-flow-databases.js'

/** What came of a transaction. */
export interface Fate {
  readonly ready: ReadyTransaction
  readonly committed: boolean
  /** Why it did not commit; undefined also when it was rolled back because of another one. */
  readonly error?: PypeError
}

/**
 * Commits transactions one after the other; to be called when what names them is flushed. The first one that does not commit takes the
 * others with it. When a database cannot be asked what came of a commit, the error of the last try is thrown.
 */
export async function commitTransactions(all: readonly ReadyTransaction[], patience: Patience): Promise<Fate[]> {
  const fates: Fate[] = []
  for (const ready of all) {
    if (fates.length === 0 || fates.some(({ committed }) => committed)) fates.push(await commitOne(ready, patience))
    else {
      await ready.transaction.rollback()
      fates.push({ ready, committed: false })
    }
  }
  return fates
}

async function commitOne(ready: ReadyTransaction, patience: Patience): Promise<Fate> {
  const { transaction, token } = ready
  try {
    await transaction.commit()
    return { ready, committed: true }
  } catch (error) {
    // Lets go of the lock on the token when the COMMIT was never sent.
    await transaction.rollback()
    // Whatever the error is: the database knows, and the driver may be wrong.
    const committed = await askCommitted(transaction.database, token, patience)
    const [node, ...more] = ready.nodes
    const coded = toCodedError(error)
    return { ready, committed, error: node === undefined || more.length > 0 ? coded : coded.with({ node }) }
  }
}
