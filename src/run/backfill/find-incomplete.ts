import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { JOURNAL_FILE } from '../checkpoint/journal.js'
import { listRuns } from '../checkpoint/leftovers.js'
import { readFirstRecord, readLastRecord } from '../checkpoint/read-journal.js'
import { purposeOf } from '../housekeeping/completed-times.js'
import type { PreparedRun } from '../prepare-run.js'
import { hasCommitted } from '../resume/later-commit.js'
import type { Masker } from '../secrets/masker.js'
import { recordContext } from '../secrets/recorded-context.js'
import { normalizeTime } from './plan-dates.js'

/**
 * The logical times of which a run with the same context, `--set` and time zone has put something in place and not completed since, each with the id of
 * the last such run: started anew, it would add its rows a second time.
 */
export function findIncomplete({ job, context, runsFolder }: PreparedRun, masker: Masker): ReadonlyMap<string, string> {
  const wanted = purposeOf({ job: job.name, time_zone: job.metadata.settings.time_zone, ...recordContext(context, masker) })
  const completed = new Set<string>()
  const incomplete = new Map<string, string>()
  for (const run of listRuns(runsFolder).reverse()) {
    const journal = path.join(runsFolder, run, JOURNAL_FILE)
    const first = readFirstRecord(journal)
    // What a node has started is gone on with by its own run.
    if (first?.kind !== 'run' || first.parent !== undefined || purposeOf(first) !== wanted) continue
    const time = normalizeTime(first.date)
    const last = readLastRecord(journal)
    if (last?.kind === 'end' && last.status === 'completed') completed.add(time)
    else if (!completed.has(time) && !incomplete.has(time) && mayHaveCommitted(journal)) incomplete.set(time, run)
  }
  return incomplete
}

/** A journal that cannot be read is for the resume to report. */
function mayHaveCommitted(journal: string): boolean {
  try {
    return hasCommitted(journal)
  } catch (error) {
    if (error instanceof PypeError && error.code === 'JOURNAL_BROKEN') return true
    throw error
  }
}
