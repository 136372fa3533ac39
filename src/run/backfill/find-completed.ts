import path from 'node:path'
import { JOURNAL_FILE } from '../checkpoint/journal.js'
import { listRuns } from '../checkpoint/leftovers.js'
import { readFirstRecord, readLastRecord } from '../checkpoint/read-journal.js'
import { type CompletedTime, purposeOf, readCompleted } from '../housekeeping/completed-times.js'
import type { PreparedRun } from '../prepare-run.js'
import type { Masker } from '../secrets/masker.js'
import { recordContext } from '../secrets/recorded-context.js'
import { normalizeTime } from './plan-dates.js'

/**
 * The logical times for which a run of the job has completed with the same context, `--set` and time zone, each with the id of the last such run.
 * Reads the first and the last record of each journal: those that failed, were cancelled or superseded do not count.
 */
export function findCompleted({ job, context, runsFolder }: PreparedRun, masker: Masker): Map<string, string> {
  const { time_zone } = job.metadata.settings
  const wanted = purposeOf({ job: job.name, time_zone, ...recordContext(context, masker) })
  const known = [...readCompleted(runsFolder), ...listRuns(runsFolder).flatMap((run) => readRun(runsFolder, run) ?? [])]
  return new Map(known.filter(({ purpose }) => purpose === wanted).map(({ date, run }) => [normalizeTime(date), run]))
}

function readRun(runsFolder: string, run: string): CompletedTime | undefined {
  const journal = path.join(runsFolder, run, JOURNAL_FILE)
  const end = readLastRecord(journal)
  if (end?.kind !== 'end' || end.status !== 'completed') return undefined
  const first = readFirstRecord(journal)
  return first?.kind === 'run' ? { run, date: first.date, purpose: purposeOf(first) } : undefined
}
