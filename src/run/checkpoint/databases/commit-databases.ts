import { PypeError } from '../../../core/errors.js'
import type { Patience } from './ask-committed.js'
import { commitTransactions, type Fate } from './commit-transactions.js'
import type { ReadyTransaction } from './sub-flow-databases.js'

/** Nothing of a commit has taken place in any database. */
export interface NothingCommitted {
  readonly error: PypeError
}

/**
 * Brings the databases of an intent to where all of them have committed, or none has: then the reason is returned. Throws COMMIT_PARTIAL
 * when one refuses after another one has committed, and other errors when a database cannot be asked.
 */
export async function commitDatabases(all: readonly ReadyTransaction[], patience: Patience): Promise<NothingCommitted | undefined> {
  const fates = await commitTransactions(all, patience)
  const missing = fates.filter(({ committed }) => !committed)
  if (missing.length === 0) return undefined
  if (missing.length === fates.length) return { error: reasonOf(missing) }
  throw describePartial(fates, missing)
}

function reasonOf(missing: readonly Fate[]): PypeError {
  const error = missing.find((fate) => fate.error !== undefined)?.error
  if (error === undefined) return new PypeError('INTERNAL', 'A transaction did not commit, and gave no reason.')
  if (error.code !== 'COMMIT_IN_DOUBT') return error
  return new PypeError('DATABASE_UNREACHABLE', `${error.message} It has been asked since: nothing was committed.`, { cause: error })
}

function describePartial(fates: readonly Fate[], missing: readonly Fate[]): PypeError {
  const name = (some: readonly Fate[]) => some.map(({ ready }) => ready.connection.label).join(', ')
  const done = fates.filter(({ committed }) => committed)
  return new PypeError('COMMIT_PARTIAL', `${name(done)} has committed, and ${name(missing)} refuses: ${reasonOf(missing).message}`, {
    hint: 'mend the cause; a resume, or the next start of the job, writes the same rows where they are missing',
    cause: reasonOf(missing),
  })
}
