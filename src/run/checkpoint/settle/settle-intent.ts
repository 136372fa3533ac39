import { PypeError } from '../../../core/errors.js'
import { finishCommit, stagedPathsOf } from '../commit/finish-commit.js'
import { type KilledRun, type SettleDatabases, settleDatabases } from '../databases/settle-databases.js'
import type { Disk } from '../files/disk.js'
import type { Journal } from '../journal/journal.js'
import type { IntentRecord } from '../journal/records.js'

/** What settling a commit stands on. */
export interface SettleDeps {
  readonly disk: Disk
  readonly databases: SettleDatabases
}

/** How a commit was settled: put in place whole, given up because no database had committed, or given up because its files are gone. */
export type Settlement = 'finished' | 'given up' | { readonly lost: PypeError }

/**
 * Settles a commit that a process has begun which is gone: everything it stands for is in place afterwards and recorded, or nothing.
 * Throws COMMIT_UNFINISHED and COMMIT_PARTIAL when that cannot be done now; the commit stays open then.
 */
export async function settleIntent(
  intent: IntentRecord,
  run: KilledRun,
  journal: Journal,
  { disk, databases }: SettleDeps,
): Promise<Settlement> {
  const { sub_flow, frame, completion } = intent
  if ((await settleDatabases(intent, run, databases)) === 'none') {
    giveUp(intent, 'No database had committed.', journal, disk)
    return 'given up'
  }
  try {
    await finishCommit(intent, disk)
  } catch (error) {
    if (!(error instanceof PypeError) || error.code !== 'COMMIT_LOST') throw error
    giveUp(intent, error.message, journal, disk)
    return { lost: error }
  }
  journal.append({ kind: 'completed', sub_flow, frame, ...completion })
  return 'finished'
}

function giveUp(intent: IntentRecord, reason: string, journal: Journal, disk: Disk): void {
  journal.append({ kind: 'abort', sub_flow: intent.sub_flow, frame: intent.frame, reason })
  // After the record: as long as it is not there, nobody deletes what the intent names.
  journal.flush()
  for (const staged of intent.entries.flatMap(stagedPathsOf)) disk.remove(staged)
  for (const staged of intent.remove) disk.remove(staged)
}
