import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { type FolderLock, tryFolderLock } from '../../../engine/duckdb/folder-lock.js'
import { toDiskError } from '../files/disk.js'
import { JOURNAL_FILE } from '../journal/journal.js'
import { readEnd } from '../journal/run-ends.js'

/** What a run that was killed has left, held so that nobody else settles it. */
export interface Leftover {
  /** The folder of the run. */
  readonly folder: string
  readonly lock: FolderLock
}

/** The runs without an end: those that were killed and those that are going on. */
export interface Claimed {
  readonly leftovers: readonly Leftover[]
  /** Ids of the runs whose process lives, the oldest first. */
  readonly goingOn: readonly string[]
}

/**
 * Takes the locks of all runs that have no end; the kernel tells those that were killed, whose lock is free, from those that are going on.
 * Call it only while no other start does.
 */
export async function claimLeftovers(runsFolder: string): Promise<Claimed> {
  const leftovers: Leftover[] = []
  const goingOn: string[] = []
  try {
    for (const run of findUnfinished(runsFolder)) {
      const folder = path.join(runsFolder, run)
      const lock = await tryFolderLock(folder)
      if (lock === undefined) goingOn.push(run)
      else leftovers.push({ folder, lock })
    }
  } catch (error) {
    await releaseLeftovers(leftovers)
    throw error
  }
  return { leftovers, goingOn }
}

/** Lets go of what was not settled. */
export async function releaseLeftovers(leftovers: readonly Leftover[]): Promise<void> {
  for (const { lock } of leftovers) await lock.release()
}

/** Ids of the runs whose journal does not close with an end, the oldest first. Reads the end of each journal only. */
export function findUnfinished(runsFolder: string): string[] {
  return listRuns(runsFolder).filter((run) => readEnd(path.join(runsFolder, run)) === undefined)
}

/** Ids of the runs that have a journal, the oldest first. */
export function listRuns(runsFolder: string): string[] {
  try {
    return readdirSync(runsFolder)
      .filter((run) => existsSync(path.join(runsFolder, run, JOURNAL_FILE)))
      .sort()
  } catch (error) {
    throw toDiskError(runsFolder, error)
  }
}
