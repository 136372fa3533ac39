import { existsSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import type { Emit } from '../../core/events.js'
import { removeLockFile } from '../../engine/duckdb/folder-lock.js'
import type { Disk } from './disk.js'
import { finishCommit, stagedPathsOf } from './finish-commit.js'
import { JOURNAL_FILE, Journal } from './journal.js'
import { type Leftover, releaseLeftovers } from './leftovers.js'
import type { IntentRecord } from './records.js'
import { type ReplayedState, replayJournal } from './replay.js'

/**
 * Settles what killed runs of a job have left, the oldest first: commits that were begun are finished, other staged
 * files are removed, the run is marked superseded, and its lock is released. When a commit cannot be finished because its staged files are
 * gone, it is given up, the rest is settled, and COMMIT_LOST is thrown.
 */
export async function settleLeftovers(leftovers: readonly Leftover[], disk: Disk, emit: Emit, now: () => Date): Promise<void> {
  const lost: PypeError[] = []
  try {
    for (const { folder } of leftovers) {
      const state = replayJournal(path.join(folder, JOURNAL_FILE))
      // It may have ended between the look at its journal and the taking of its lock.
      if (state.end === undefined) lost.push(...(await settleRun(folder, state, disk, emit, now)))
      removeLockFile(folder)
    }
  } finally {
    await releaseLeftovers(leftovers)
  }
  const [first] = lost
  if (first !== undefined) throw first
}

async function settleRun(folder: string, state: ReplayedState, disk: Disk, emit: Emit, now: () => Date): Promise<PypeError[]> {
  const lost: PypeError[] = []
  const journal = Journal.open(disk, folder, state.length)
  try {
    let finished = 0
    for (const intent of state.openIntents.values()) {
      const error = await finishIntent(intent, journal, disk)
      if (error === undefined) finished++
      else lost.push(error)
    }
    journal.flush()
    const removed = sweep(state, disk)
    disk.remove(path.join(folder, 'spill'))
    journal.append({ kind: 'end', status: 'superseded', time: now().toISOString() })
    journal.flush()
    emit({ type: 'leftover.settled', run: path.basename(folder), finished, removed })
  } finally {
    journal.close()
  }
  return lost
}

async function finishIntent(intent: IntentRecord, journal: Journal, disk: Disk): Promise<PypeError | undefined> {
  const { sub_flow, frame, completion } = intent
  try {
    await finishCommit(intent, disk)
  } catch (error) {
    if (!(error instanceof PypeError) || error.code !== 'COMMIT_LOST') throw error
    journal.append({ kind: 'abort', sub_flow, frame, reason: error.message })
    // After the record: as long as it is not there, nobody deletes what the intent names.
    journal.flush()
    for (const staged of intent.entries.flatMap(stagedPathsOf)) disk.remove(staged)
    for (const staged of intent.remove) disk.remove(staged)
    return error
  }
  journal.append({ kind: 'completed', sub_flow, frame, ...completion })
  return undefined
}

/** Removes staged files that belong to no commit; returns how many there were. */
function sweep(state: ReplayedState, disk: Disk): number {
  let removed = 0
  for (const [subFlow, paths] of state.staged) {
    if (state.openIntents.has(subFlow)) continue
    for (const staged of paths) {
      if (!existsSync(staged)) continue
      disk.remove(staged)
      removed++
    }
  }
  return removed
}
