import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { replayJournal } from '../checkpoint/journal/replay.js'
import { executeRun } from '../execute-run.js'
import { readLogicalTime } from '../job/logical-time.js'
import type { RunSummary } from '../observe/summary.js'
import { type Entry, enterRunsFolder } from '../overlap/enter-runs-folder.js'
import { type LoadedRun, prepareFresh, prepareWith } from '../prepare-run.js'
import { type ChosenRun, chooseRun } from './choose-run.js'
import { refuseElsewhere } from './refuse-elsewhere.js'
import { readResumedContext } from './resume-context.js'

/**
 * Goes on with a run as the options ask for; `auto` starts a new one when there is none. `called` is when. Throws NOTHING_TO_RESUME and
 * RESUME_REFUSED, and what a start throws.
 */
export async function resumeJob(loaded: LoadedRun, called: Date): Promise<RunSummary> {
  const { job, runsFolder, overlap, options } = loaded
  const { signal, onWait } = options
  const isAuto = options.resume === 'auto'
  const time = readLogicalTime(options.date, called, job.metadata.settings.time_zone)
  const entry = await enterRunsFolder(runsFolder, { policy: overlap, signal, onWait })
  try {
    const id = options.resume === 'auto' ? undefined : options.resume?.run
    const chosen = await chooseRun(runsFolder, { job: job.name, id, ...(isAuto ? { time } : {}) }, entry)
    if (chosen !== undefined) return await goOn(loaded, chosen, entry)
    if (isAuto) return await executeRun(await prepareFresh(loaded), time, entry)
    throw new PypeError('NOTHING_TO_RESUME', `No run of ${job.name} in ${runsFolder} can be resumed.`, {
      hint: `every run has completed, or a later one took its place: \`pype runs ${job.name}\` lists them`,
    })
  } finally {
    await entry.leave()
  }
}

/** Goes on with a run that was chosen, and releases its lock. `entry` is undefined in a backfill, which has entered once for all of its runs. */
export async function goOn(loaded: LoadedRun, chosen: ChosenRun, entry: Entry | undefined): Promise<RunSummary> {
  const { id, folder, record, lock } = chosen
  try {
    refuseElsewhere(record, folder)
    const before = replayJournal(path.join(folder, JOURNAL_FILE))
    const context = readResumedContext(loaded.job, record, before.resumes, loaded.cwd, loaded.options)
    const prepared = await prepareWith({ ...inZone(loaded, record.time_zone), cwd: record.cwd }, context)
    return await executeRun(prepared, record.date, entry, { id, lock, run: record, before, added: context.added, warning: context.warning })
  } finally {
    await lock.release()
  }
}

/** The clock of a run stays the one that it was started with. */
function inZone(loaded: LoadedRun, zone: string): LoadedRun {
  const { job } = loaded
  const settings = { ...job.metadata.settings, time_zone: zone }
  return { ...loaded, job: { ...job, metadata: { ...job.metadata, settings } } }
}
