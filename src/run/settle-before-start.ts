import type { Emit } from '../core/events.js'
import { nodeDisk } from './checkpoint/disk.js'
import { settleLeftovers } from './checkpoint/settle-leftovers.js'
import { createSettling } from './connections/settling.js'
import type { Entry } from './overlap/enter-runs-folder.js'
import type { PreparedRun } from './prepare-run.js'

/** Settles what the entry has found of killed runs, and lets the next start look. Throws what settling throws: nothing may start then. */
export async function settleBeforeStart(prepared: PreparedRun, entry: Entry, emit: Emit): Promise<void> {
  const { seams, now = () => new Date() } = prepared.options
  const databases = createSettling(prepared)
  try {
    await settleLeftovers(entry.leftovers, { disk: seams?.disk ?? nodeDisk, databases, emit, now })
  } finally {
    await databases.close()
  }
  await entry.settled()
}
