import { commitDeps, type Databases } from './checkpoint/commit-deps.js'
import type { Journal } from './checkpoint/journal.js'
import type { CommitDeps } from './checkpoint/staging.js'
import type { Executor } from './execution/executor.js'
import { flowFile, type OpenedRun, patienceOf, spillFolder } from './opened-run.js'
import { createRefiller } from './refill/create-refiller.js'
import { refillDatabase } from './refill/refill-database.js'
import type { RunState } from './run-state.js'

/** What the commits of a run stand on, with the run's own executor to fill a database again. */
export function createRunCommit(
  run: OpenedRun,
  journal: Journal,
  databases: Databases,
  state: RunState,
  executor: Executor,
  signal: AbortSignal,
): CommitDeps {
  const { definitions } = run
  const { connections } = databases
  return {
    ...commitDeps(run, journal, databases, signal),
    refill: (missing, database, where) => {
      const lookup = state.lookup(where.subFlow, where.frame)
      const parts = { executor, connections, definitions, lookup, scratchFolder: spillFolder(run), file: flowFile(run) }
      return refillDatabase(missing, database, createRefiller(parts, where), patienceOf(run, signal))
    },
  }
}
