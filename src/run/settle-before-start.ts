import { messageOf } from '../core/errors.js'
import type { Emit } from '../core/events.js'
import { nodeDisk } from './checkpoint/files/disk.js'
import { type LeftoverDeps, settleLeftovers } from './checkpoint/settle/settle-leftovers.js'
import { createSettling } from './database-connections/settling.js'
import { keepHouse } from './housekeeping/keep-house.js'
import type { Entry } from './overlap/enter-runs-folder.js'
import type { PreparedRun } from './prepare-run.js'
import type { RunSecrets } from './secrets/run-secrets.js'

/**
 * Settles what the entry has found of killed runs, removes what is old, and lets the next start look. Throws what settling throws:
 * nothing may start then.
 */
export async function settleBeforeStart(prepared: PreparedRun, entry: Entry, emit: Emit, secrets: RunSecrets): Promise<void> {
  await withSettling(prepared, emit, secrets, (deps) => settleLeftovers(entry.leftovers, deps))
  const { job } = prepared
  const { seams, now = () => new Date() } = prepared.options
  try {
    await keepHouse(prepared.runsFolder, job.name, job.metadata.settings, { disk: seams?.disk ?? nodeDisk, now })
  } catch (error) {
    // What is old is in nobody's way.
    emit({ type: 'log', level: 'warn', message: `Old runs cannot be removed: ${messageOf(error)}` })
  }
  await entry.settled()
}

/** Does what needs all that commits of killed runs are settled with. */
export async function withSettling<T>(
  prepared: PreparedRun,
  emit: Emit,
  secrets: RunSecrets,
  work: (deps: LeftoverDeps) => Promise<T>,
): Promise<T> {
  const { seams, now = () => new Date() } = prepared.options
  const databases = createSettling(prepared, secrets, emit)
  try {
    return await work({ disk: seams?.disk ?? nodeDisk, databases, emit, now })
  } finally {
    await databases.close()
  }
}
