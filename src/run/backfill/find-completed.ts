import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { JOURNAL_FILE } from '../checkpoint/journal.js'
import { listRuns } from '../checkpoint/leftovers.js'
import { readFirstRecord, readLastRecord } from '../checkpoint/read-journal.js'
import type { RunRecord } from '../checkpoint/records.js'
import type { PreparedRun } from '../prepare-run.js'
import { normalizeTime } from './plan-dates.js'

/**
 * The logical times for which a run of the job has completed with the same context, `--set` and time zone, each with the id of the last such run.
 * Reads the first and the last record of each journal: those that failed, were cancelled or superseded do not count.
 */
export function findCompleted({ job, context, runsFolder }: PreparedRun): Map<string, string> {
  // As they come out of a journal.
  const wanted: unknown = JSON.parse(JSON.stringify({ context: context.values, set: context.set }))
  const isSame = (record: RunRecord): boolean =>
    record.job === job.name &&
    record.time_zone === job.metadata.settings.time_zone &&
    isDeepStrictEqual({ context: record.context, set: record.set }, wanted)
  const completed = new Map<string, string>()
  for (const run of listRuns(runsFolder)) {
    const journal = path.join(runsFolder, run, JOURNAL_FILE)
    const end = readLastRecord(journal)
    if (end?.kind !== 'end' || end.status !== 'completed') continue
    const first = readFirstRecord(journal)
    if (first?.kind === 'run' && isSame(first)) completed.set(normalizeTime(first.date), run)
  }
  return completed
}
