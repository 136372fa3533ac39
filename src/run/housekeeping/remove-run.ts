import { existsSync } from 'node:fs'
import path from 'node:path'
import { tryFolderLock } from '../../engine/duckdb/folder-lock.js'
import type { Disk } from '../checkpoint/files/disk.js'
import type { EndRecord } from '../checkpoint/journal/records.js'
import { readEnd, readRunRecord } from '../checkpoint/journal/run-ends.js'
import { noteCompleted, purposeOf } from './completed-times.js'

/** A folder of this name is a run that is being removed: its journal must not be found when half of it is gone. */
export const REMOVED = '.removed.'

/**
 * Removes the folder of a run that has ended; of one that has completed its logical time stays known. False: somebody resumes it, or has since `end` was read. Call it only while no
 * start looks for leftovers.
 */
export async function removeRun(runsFolder: string, run: string, end: EndRecord, disk: Disk): Promise<boolean> {
  const folder = path.join(runsFolder, run)
  const completed = end.status === 'completed' ? readRunRecord(folder) : undefined
  const lock = await tryFolderLock(folder)
  if (lock === undefined) return false
  try {
    if (readEnd(folder)?.time !== end.time) return false
    if (completed !== undefined) noteCompleted(runsFolder, [{ run, date: completed.date, purpose: purposeOf(completed) }], disk)
    for (const spilled of listSpilled(folder, end)) disk.remove(spilled)
    const removed = path.join(runsFolder, REMOVED + run)
    disk.rename(folder, removed)
    disk.remove(removed)
    return true
  } finally {
    await lock.release()
  }
}

/** The folders that are there of those into which a run has spilled. One elsewhere bears its id, which nothing of anybody else does. */
export function listSpilled(folder: string, { spill }: EndRecord): string[] {
  const elsewhere = spill !== undefined && path.basename(spill) === path.basename(folder) ? [spill] : []
  return [path.join(folder, 'spill'), ...elsewhere].filter((each) => existsSync(each))
}
