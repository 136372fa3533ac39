import type { OpenDatabase } from '../../database/database.js'
import type { PreparedRun } from '../prepare-run.js'
import type { Masker } from '../secrets/masker.js'
import { listCandidates } from './candidates.js'
import { DatabaseConnections } from './database-connections.js'
import { sessionParameters } from './session-parameters.js'

/** The connections of a job, each of whose passwords is masked as soon as it is known; `runId` is told to the server. */
export function createDatabaseConnections(
  { job, context, definitions, cwd }: Pick<PreparedRun, 'job' | 'context' | 'definitions' | 'cwd'>,
  masker: Masker,
  openDatabase: OpenDatabase,
  runId?: string,
): DatabaseConnections {
  return new DatabaseConnections({
    openDatabase,
    session: sessionParameters(job, runId),
    cwd,
    candidates: listCandidates(job.dag, definitions, context),
    onPassword: (password) => masker.add(password),
  })
}
