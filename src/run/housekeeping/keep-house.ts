import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Settings } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { removeLockFile, tryFolderLock } from '../../engine/duckdb/folder-lock.js'
import type { Disk } from '../checkpoint/files/disk.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import type { EndRecord, RunRecord } from '../checkpoint/journal/records.js'
import { readEnd, readRunRecord } from '../checkpoint/journal/run-ends.js'
import { listRuns } from '../checkpoint/settle/leftovers.js'
import { looksLikeRunId } from '../job/run-id.js'
import { holdsCursors } from '../resume/find-waiting.js'
import { listSpilled, REMOVED, removeRun } from './remove-run.js'
import { UnrepeatableRuns } from './unrepeatable-runs.js'

/** What keeping house stands on. */
export interface HouseDeps {
  readonly disk: Disk
  readonly now: () => Date
}

/** How long a run that has not completed can be resumed with its rows, in milliseconds. */
const RESUMABLE_FOR = 7 * 24 * 60 * 60 * 1000
/** How long a run may take from its folder to its journal, in milliseconds: much more than it does. */
const UNBEGUN_FOR = 24 * 60 * 60 * 1000
interface EndedRun {
  readonly run: string
  readonly end: EndRecord
}

/**
 * Removes the folders of the oldest runs of a job, and the rows of those that will not be resumed any more, of which journal, log and
 * summary stay. A run without an end is never touched: it is going on, or a commit of it is open. One that has added rows and not completed keeps its
 * folder. Call it only while no other start does.
 */
export async function keepHouse(runsFolder: string, job: string, settings: Settings, { disk, now }: HouseDeps): Promise<void> {
  sweepRemoved(runsFolder, disk)
  await sweepUnbegun(runsFolder, now(), disk)
  const newestFirst = listRunsOf(runsFolder, job).reverse()
  const ended = newestFirst.flatMap((run) => withEnd(runsFolder, run) ?? [])
  const resumable = findResumable(ended, settings.keep_resumable, now())
  const kept = new Set([...newestFirst.slice(0, settings.keep_runs), ...resumable])
  const completed = ended.flatMap(({ run, end }) => (end.status === 'completed' ? run : []))
  const unrepeatable = new UnrepeatableRuns(runsFolder)
  for (const { run, end } of ended) {
    const stays = kept.has(run) || holdsCursors(runsFolder, run) || (end.status !== 'completed' && unrepeatable.has(run, completed))
    if (!stays) await removeRun(runsFolder, run, end, disk)
    else await removeRows(path.join(runsFolder, run), end, end.keeps === true || resumable.has(run), disk)
  }
}

/** The folder may hold the runs of several jobs. One that ended before it had begun belongs to whoever comes. */
function listRunsOf(runsFolder: string, job: string): string[] {
  return listRuns(runsFolder).filter((run) => {
    const begun = readBegun(path.join(runsFolder, run))
    return begun !== 'broken' && (begun === undefined || begun.job === job)
  })
}

/** A damaged journal is for a resume to report: it stays. */
function readBegun(folder: string): RunRecord | 'broken' | undefined {
  try {
    return readRunRecord(folder)
  } catch (error) {
    if (error instanceof PypeError && error.code === 'JOURNAL_BROKEN') return 'broken'
    throw error
  }
}

/** The last runs that have not completed, as far as they are not too old. */
function findResumable(newestFirst: readonly EndedRun[], most: number, now: Date): ReadonlySet<string> {
  const incomplete = newestFirst.filter(({ end }) => end.status !== 'completed').slice(0, most)
  return new Set(incomplete.filter(({ end }) => now.getTime() - Date.parse(end.time) <= RESUMABLE_FOR).map(({ run }) => run))
}

function withEnd(runsFolder: string, run: string): EndedRun | undefined {
  const end = readEnd(path.join(runsFolder, run))
  return end === undefined ? undefined : { run, end }
}

/** A run removes its rows itself, unless it is killed right behind its end. */
async function removeRows(folder: string, end: EndRecord, keepsArtifacts: boolean, disk: Disk): Promise<void> {
  const artifacts = path.join(folder, 'artifacts')
  const left = [...listSpilled(folder, end), ...(keepsArtifacts || !existsSync(artifacts) ? [] : [artifacts])]
  if (left.length === 0) return
  const lock = await tryFolderLock(folder)
  if (lock === undefined) return
  try {
    for (const each of left) disk.remove(each)
    removeLockFile(folder)
  } finally {
    await lock.release()
  }
}

/** What a start that was killed has not removed to the end. */
function sweepRemoved(runsFolder: string, disk: Disk): void {
  for (const name of readdirSync(runsFolder)) {
    if (name.startsWith(REMOVED)) disk.remove(path.join(runsFolder, name))
  }
}

/** What starts have left that ended before their journals began. */
async function sweepUnbegun(runsFolder: string, now: Date, disk: Disk): Promise<void> {
  for (const name of readdirSync(runsFolder).filter(looksLikeRunId)) {
    const folder = path.join(runsFolder, name)
    // A link may lead nowhere.
    const modified = statSync(folder, { throwIfNoEntry: false })?.mtimeMs
    if (modified === undefined || now.getTime() - modified < UNBEGUN_FOR || existsSync(path.join(folder, JOURNAL_FILE))) continue
    const lock = await tryFolderLock(folder)
    if (lock === undefined) continue
    try {
      disk.remove(folder)
    } finally {
      await lock.release()
    }
  }
}
