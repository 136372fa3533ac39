import { PypeError } from '../../../core/errors.js'
import type { Database, SealedConnection } from '../../../database/database.js'
import type { DatabaseCommit, IntentRecord, RunRecord } from '../journal/records.js'
import { commitPartial } from './commit-partial.js'

/** Reaches the databases of a run that has ended. */
export interface SettleDatabases {
  open(connection: SealedConnection): Promise<Database>
  /** Fills a database whose transaction did not commit while another one of the intent did. */
  refill(commit: DatabaseCommit, intent: IntentRecord, run: KilledRun): Promise<void>
}

/** A run whose process is gone. */
export interface KilledRun {
  /** Undefined: its journal does not begin with it. */
  readonly record: RunRecord | undefined
  readonly folder: string
}

/**
 * What came of the databases of an intent whose process is gone: all have committed (also when there are none), or none has. When only
 * some have, the others are filled. Throws COMMIT_UNFINISHED when one cannot be asked, COMMIT_PARTIAL when one refuses.
 */
export async function settleDatabases(intent: IntentRecord, run: KilledRun, databases: SettleDatabases): Promise<'all' | 'none'> {
  const { databases: commits } = intent
  const missing: DatabaseCommit[] = []
  for (const commit of commits) {
    if (!(await hasCommitted(commit, databases.open))) missing.push(commit)
  }
  if (missing.length === 0) return 'all'
  if (missing.length === commits.length) return 'none'
  for (const commit of missing) {
    try {
      await databases.refill(commit, intent, run)
    } catch (error) {
      throw commitPartial(commits.find((one) => !missing.includes(one))?.connection, commit.connection, error)
    }
  }
  return 'all'
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
