import type { SettleDatabases } from '../checkpoint/databases/settle-databases.js'
import type { PreparedRun } from '../prepare-run.js'
import { GlobalStore } from '../templating/global-store.js'
import { createLookup } from '../templating/lookup.js'
import { listCandidates } from './candidates.js'
import { Connections } from './connections.js'
import { loadDriver } from './load-driver.js'

/** Reaches the databases that runs of a job which were killed have committed on; secrets and the environment are those of now. */
export function createSettling(prepared: PreparedRun): SettleDatabases & { close(): Promise<void> } {
  const { job, context, definitions, cwd, options } = prepared
  let opened: Promise<Connections> | undefined
  const openAll = async () =>
    new Connections({
      openDatabase: options.seams?.openDatabase ?? (await loadDriver()),
      cwd,
      candidates: listCandidates(job.dag, definitions, context),
      onPassword: () => {},
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
    },
    [],
  )
  return {
    open: async (sealed) => {
      opened ??= openAll()
      return (await opened).open(sealed, lookup)
    },
    close: async () => {
      await (await opened)?.close()
    },
  }
}
