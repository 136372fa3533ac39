import { lstatSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { nodeDisk } from '../checkpoint/files/disk.js'
import type { EndRecord } from '../checkpoint/journal/records.js'
import { readEnd } from '../checkpoint/journal/run-ends.js'
import { type HistoryEntry, listHistory } from '../history/list-history.js'
import { waitForStarting } from '../overlap/enter-runs-folder.js'
import { holdsCursors } from '../resume/find-waiting.js'
import { removeRun } from './remove-run.js'
import { UnrepeatableRuns } from './unrepeatable-runs.js'

/** Which runs are old. Both have to hold where both are given. */
export interface OldRuns {
  /** So many of the last runs are not. */
  readonly keep?: number
  /** Only runs are that started so long ago, in milliseconds. */
  readonly olderThan?: number
  /** Also runs that could still be resumed. */
  readonly resumable: boolean
  readonly now: Date
}

/** A run that goes. */
export interface RemovableRun {
  readonly run: string
  readonly status: HistoryEntry['status']
  /** ISO 8601. */
  readonly started: string | null
  readonly bytes: number
  readonly end: EndRecord
}

/** What cleaning does to the runs of a job. */
export interface CleaningPlan {
  /** The newest first. */
  readonly remove: readonly RemovableRun[]
  /** Runs that are old and stay all the same. */
  readonly stay: readonly { readonly run: string; readonly reason: string }[]
}

/** Milliseconds that the removal waits for a start that settles killed runs. */
const LONGEST_WAIT = 10_000

/**
 * Finds the old runs of a job. Those that go on, that nobody has settled since they were killed, for which cursors wait, and that have added rows and not completed are never removed;
 * those that could be resumed only when they are asked for.
 */
export async function planCleaning(runsFolder: string, job: string, old: OldRuns): Promise<CleaningPlan> {
  const entries = (await listHistory(runsFolder, job, Number.POSITIVE_INFINITY)).filter((entry) => entry.job === job)
  const completed = entries.filter(({ status }) => status === 'completed').map(({ run }) => run)
  const unrepeatable = new UnrepeatableRuns(runsFolder)
  const remove: RemovableRun[] = []
  const stay: { run: string; reason: string }[] = []
  for (const [i, entry] of entries.entries()) {
    const { run, status, started } = entry
    const folder = path.join(runsFolder, run)
    const end = readEnd(folder)
    // To be asked of each, the newest first.
    const hasAdded = end !== undefined && status !== 'completed' && unrepeatable.has(run, completed)
    if (!isOld(i, started, old)) continue
    const reason = whyItStays(entry, end, hasAdded, old) ?? (holdsCursors(runsFolder, run) ? 'cursors wait for it to complete' : undefined)
    if (end === undefined || reason !== undefined) stay.push({ run, reason: reason ?? UNSETTLED })
    else remove.push({ run, status, started, bytes: sizeOf(folder), end })
  }
  return { remove, stay }
}

/** Removes runs as planned; returns those that are gone. One that somebody has begun to resume since stays. Throws RUN_BUSY while a start settles killed runs for long. */
export async function cleanRuns(runsFolder: string, { remove }: CleaningPlan): Promise<readonly RemovableRun[]> {
  if (remove.length === 0) return []
  const starting = await waitForStarting(runsFolder, LONGEST_WAIT)
  if (starting === undefined) {
    throw new PypeError('RUN_BUSY', `A run that starts is settling what killed ones have left in ${runsFolder}.`, {
      hint: 'try again when it has begun',
    })
  }
  try {
    const removed: RemovableRun[] = []
    for (const each of remove) if (await removeRun(runsFolder, each.run, each.end, nodeDisk)) removed.push(each)
    return removed
  } finally {
    await starting.release()
  }
}

function isOld(index: number, started: string | null, { keep = 0, olderThan, now }: OldRuns): boolean {
  if (index < keep) return false
  return olderThan === undefined || (started !== null && now.getTime() - Date.parse(started) > olderThan)
}

const UNSETTLED = 'it was killed, and the next start of the job settles it first'

function whyItStays(
  { status, parent, why_not_resumable }: HistoryEntry,
  end: EndRecord | undefined,
  hasAdded: boolean,
  { resumable }: OldRuns,
) {
  if (status === 'running') return 'it is going on'
  if (end === undefined) return UNSETTLED
  if (status === 'completed') return undefined
  if (hasAdded) return 'it has added rows and not completed: a backfill would add them once more without it'
  if (resumable) return undefined
  if (why_not_resumable === null) return 'it can be resumed; --resumable removes it too'
  return parent === null ? undefined : `${parent} may be resumed, and it with that; --resumable removes it too`
}

/** Bytes of all files in a folder. What goes in the meantime counts for nothing. */
function sizeOf(folder: string): number {
  let bytes = 0
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const stats = lstatSync(path.join(folder, name), { throwIfNoEntry: false })
    if (stats?.isFile() === true) bytes += stats.size
  }
  return bytes
}
