import { PypeError } from '../../../core/errors.js'
import type { Database, SealedConnection } from '../../../database/database.js'
import type { DatabaseCommit } from '../records.js'

/** Reaches the databases of a run that has ended. */
export interface SettleDatabases {
  open(connection: SealedConnection): Promise<Database>
}

/**
 * What came of the databases of an intent whose process is gone: all have committed (also when there are none), or none has. Throws
 * COMMIT_UNFINISHED when one cannot be asked, COMMIT_PARTIAL when only some have committed.
 */
export async function settleDatabases(commits: readonly DatabaseCommit[], { open }: SettleDatabases): Promise<'all' | 'none'> {
  const missing: DatabaseCommit[] = []
  for (const commit of commits) {
    if (!(await hasCommitted(commit, open))) missing.push(commit)
  }
  if (missing.length === 0) return 'all'
  if (missing.length === commits.length) return 'none'
  const labels = (some: readonly DatabaseCommit[]) => some.map(({ connection }) => connection.label).join(', ')
  throw new PypeError(
    'COMMIT_PARTIAL',
    `${labels(commits.filter((commit) => !missing.includes(commit)))} has committed, and ${labels(missing)} has not.`,
  )
}

async function hasCommitted({ connection, token }: DatabaseCommit, open: SettleDatabases['open']): Promise<boolean> {
  try {
    return await (await open(connection)).hasCommitted(token)
  } catch (error) {
    throw new PypeError(
      'COMMIT_UNFINISHED',
      `Whether ${token.subFlow} of ${token.run} has committed is known to ${connection.label} only.`,
      {
        hint: 'let the database be reached, and start the job again; nothing else is done before',
        cause: error,
      },
    )
  }
}
