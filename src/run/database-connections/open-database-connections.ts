import { PypeError } from '../../core/errors.js'
import { type OpenedRun, templateValues } from '../opened-run.js'
import type { Found } from '../templating/found.js'
import { GlobalStore } from '../templating/global-store.js'
import { createLookup } from '../templating/lookup.js'
import { listConnectionConfigs } from './candidates.js'
import { createDatabaseConnections } from './create-database-connections.js'
import type { DatabaseConnections } from './database-connections.js'
import { loadDriver } from './load-driver.js'

/** Makes the connections of a run known, with all passwords that are to be masked. Nothing is sent to a database. */
export async function openDatabaseConnections(run: OpenedRun): Promise<DatabaseConnections> {
  const { job, definitions, options, secrets } = run
  const needed = listConnectionConfigs(job.dag, definitions).length > 0
  const openDatabase = options.seams?.openDatabase ?? (needed ? await loadDriver() : refuseDatabase)
  const connections = createDatabaseConnections(run, secrets.masker, openDatabase, run.runId)
  // Before the first record and the first line of the log.
  const lookup = createLookup({ ...templateValues(run), dag: job.dag, globals: new GlobalStore(job.dag) }, [])
  connections.learnPasswords((ref) => (ref.scope === 'global' || ref.scope === 'iter' ? UNKNOWN : lookup(ref)))
  return connections
}

/** In the place of what is known only later: it can be a host, a port, a name. */
const UNKNOWN: Found = { kind: 'json', value: '1' }

function refuseDatabase(): never {
  throw new PypeError('INTERNAL', 'A flow without connections has used a database.')
}
