import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { type FolderLock, tryFolderLock } from '../../engine/duckdb/folder-lock.js'
import { normalizeTime } from '../backfill/plan-dates.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { JOURNAL_VERSION, type RunRecord } from '../checkpoint/journal/records.js'
import { readEnd, readRunRecord } from '../checkpoint/journal/run-ends.js'
import { listRuns } from '../checkpoint/settle/leftovers.js'
import type { Entry } from '../overlap/enter-runs-folder.js'
import { holdsCursors } from './find-waiting.js'

/** A run that is gone on with. Its lock is held. */
export interface ChosenRun {
  readonly id: string
  readonly folder: string
  readonly record: RunRecord
  readonly lock: FolderLock
}

/** Which run is wanted. */
export interface RunWanted {
  readonly job: string
  /** An id; the job's last run that did not complete when undefined. */
  readonly id: string | undefined
  /** Only runs of this logical time, those that were superseded too; none when the last one that counts has completed. */
  readonly time?: string
}

/**
 * Finds the run that a resume goes on with, and takes its lock. Undefined: there is none. Throws NOTHING_TO_RESUME for an id that cannot
 * be resumed, JOURNAL_FOREIGN, JOURNAL_BROKEN (also when it cannot be known whether a damaged run is the one), and RUN_BUSY when its process lives.
 */
export async function chooseRun(runsFolder: string, wanted: RunWanted, entry: Entry | undefined): Promise<ChosenRun | undefined> {
  const found = wanted.id === undefined ? findLast(runsFolder, wanted) : findById(runsFolder, wanted.id, wanted.job)
  if (found === undefined) return undefined
  const folder = path.join(runsFolder, found.id)
  const lock = entry?.adopt(folder) ?? (await tryFolderLock(folder))
  if (lock !== undefined) return { ...found, folder, lock }
  throw new PypeError('RUN_BUSY', `The run ${found.id} is still going on.`, {
    hint: `\`pype show ${found.id}\` shows how far it is; wait for its end, or cancel it`,
  })
}

function findLast(runsFolder: string, { job, time }: RunWanted): { id: string; record: RunRecord } | undefined {
  for (const id of listRuns(runsFolder).reverse()) {
    const folder = path.join(runsFolder, id)
    const record = readRunRecord(folder)
    // A runs folder may be that of several jobs; and what a node has started is resumed by its own run.
    if (record === undefined || record.job !== job || record.parent !== undefined) continue
    if (time !== undefined && normalizeTime(record.date) !== normalizeTime(time)) continue
    const end = readEnd(folder)?.status
    if (end === 'completed' && time !== undefined) return undefined
    // Who asks for a logical time means this run, also when a later start for another one has settled it; and no new run starts while it holds a cursor.
    if (end === 'completed' || (end === 'superseded' && time === undefined && !holdsCursors(runsFolder, id))) continue
    return { id, record: checkRecord(record, folder, job) }
  }
  return undefined
}

function findById(runsFolder: string, id: string, job: string): { id: string; record: RunRecord } {
  if (!listRuns(runsFolder).includes(id)) {
    throw new PypeError('NOTHING_TO_RESUME', `There is no run ${id} in ${runsFolder}.`, { hint: '`pype runs JOB` lists the runs of a job' })
  }
  const folder = path.join(runsFolder, id)
  const record = readRunRecord(folder)
  if (record === undefined) {
    throw new PypeError('NOTHING_TO_RESUME', `The run ${id} ended before it had begun.`, { hint: 'start a new run without --resume' })
  }
  return { id, record: checkRecord(record, folder, job) }
}

/** Throws JOURNAL_FOREIGN. */
function checkRecord(record: RunRecord, folder: string, job: string): RunRecord {
  const journal = path.join(folder, JOURNAL_FILE)
  if (record.journal_version > JOURNAL_VERSION) {
    throw new PypeError('JOURNAL_FOREIGN', `${journal} was written by a newer version of pype (${record.pype_version}).`, {
      hint: 'resume the run with that version',
    })
  }
  if (record.job !== job) {
    throw new PypeError('JOURNAL_FOREIGN', `${journal} is of the job ${record.job}, and this one is ${job}.`, {
      hint: `resume it with that job: pype run ${record.job} --resume ${record.run}`,
    })
  }
  return record
}
