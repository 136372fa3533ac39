import type { Emit } from '../../core/events.js'
import type { Json } from '../../core/json.js'
import type { SettleDatabases } from '../checkpoint/databases/settle-databases.js'
import type { PreparedRun } from '../prepare-run.js'
import { refillKilled } from '../refill/refill-killed.js'
import { listSecrets } from '../secrets/find-secrets.js'
import type { RunSecrets } from '../secrets/run-secrets.js'
import { GlobalStore } from '../templating/global-store.js'
import { createLookup } from '../templating/lookup.js'
import { createDatabaseConnections } from './create-database-connections.js'
import type { DatabaseConnections } from './database-connections.js'
import { loadDriver } from './load-driver.js'

/** Reaches the databases that runs of a job which were killed have committed on; secrets and the environment are those of now. */
export function createSettling(prepared: PreparedRun, secrets: RunSecrets, emit: Emit): SettleDatabases & { close(): Promise<void> } {
  const { job, context, options } = prepared
  let opened: Promise<DatabaseConnections> | undefined
  const openAll = async () => createDatabaseConnections(prepared, secrets.masker, options.seams?.openDatabase ?? (await loadDriver()))
  // Sealed connections hold neither globals nor items, and nothing of the run.
  const lookup = createLookup(
    {
      dag: job.dag,
      job: job.name,
      runId: '',
      time: '',
      context: context.values,
      writtenContext: context.written,
      env: options.env,
      globals: new GlobalStore(job.dag),
      secrets,
    },
    [],
  )
  const reach = async (written: Json) => {
    opened ??= openAll()
    // The flow may have done without them since.
    await secrets.read(listSecrets(written))
    return opened
  }
  return {
    open: async (sealed) => (await reach(sealed.written)).open(sealed, lookup),
    refill: async (commit, intent, run) => {
      const written = (commit.refill ?? []).flatMap(({ node, connections }) => [
        node.configs,
        ...Object.values(connections).map((connection) => connection.written),
      ])
      await refillKilled({ prepared, secrets, connections: await reach(written), lookup, emit }, commit, intent, run)
    },
    close: async () => {
      await (await opened)?.close()
    },
  }
}
