import type { SettleDatabases } from '../checkpoint/databases/settle-databases.js'
import type { PreparedRun } from '../prepare-run.js'
import { listSecrets } from '../secrets/find-secrets.js'
import type { RunSecrets } from '../secrets/run-secrets.js'
import { GlobalStore } from '../templating/global-store.js'
import { createLookup } from '../templating/lookup.js'
import { listCandidates } from './candidates.js'
import { Connections } from './connections.js'
import { loadDriver } from './load-driver.js'

/** Reaches the databases that runs of a job which were killed have committed on; secrets and the environment are those of now. */
export function createSettling(prepared: PreparedRun, secrets: RunSecrets): SettleDatabases & { close(): Promise<void> } {
  const { job, context, definitions, cwd, options } = prepared
  let opened: Promise<Connections> | undefined
  const openAll = async () =>
    new Connections({
      openDatabase: options.seams?.openDatabase ?? (await loadDriver()),
      cwd,
      candidates: listCandidates(job.dag, definitions, context),
      onPassword: (password) => secrets.masker.add(password),
    })
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
  return {
    open: async (sealed) => {
      opened ??= openAll()
      // The flow may have done without them since.
      await secrets.read(listSecrets(sealed.written))
      return (await opened).open(sealed, lookup)
    },
    close: async () => {
      await (await opened)?.close()
    },
  }
}
