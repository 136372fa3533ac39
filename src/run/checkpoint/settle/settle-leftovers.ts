import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { PypeError } from '../../../core/errors.js'
import type { Emit } from '../../../core/events.js'
import { removeLockFile } from '../../../engine/duckdb/folder-lock.js'
import { noteWaiting } from '../cursors/waiting-cursors.js'
import { forgetTokens } from '../databases/forget-tokens.js'
import type { SettleDatabases } from '../databases/settle-databases.js'
import type { Disk } from '../files/disk.js'
import { JOURNAL_FILE, Journal } from '../journal/journal.js'
import { type ReplayedState, replayJournal } from '../journal/replay.js'
import { readRunRecord } from '../journal/run-ends.js'
import { type Leftover, releaseLeftovers } from './leftovers.js'
import { settleIntent } from './settle-intent.js'

/** What settling the leftovers of killed runs stands on. */
export interface LeftoverDeps {
  readonly disk: Disk
  readonly databases: SettleDatabases
  readonly emit: Emit
  readonly now: () => Date
}

/**
 * Settles what killed runs of a job have left, the oldest first: commits that were begun are finished, other staged
 * files are removed, the run is marked superseded, and its lock is released. When a commit cannot be finished because its staged files are
 * gone, it is given up, the rest is settled, and COMMIT_LOST is thrown. Throws COMMIT_UNFINISHED and COMMIT_PARTIAL when a database
 * is in the way, and JOURNAL_BROKEN: the run stays as it is then.
 */
export async function settleLeftovers(leftovers: readonly Leftover[], deps: LeftoverDeps): Promise<void> {
  const lost: PypeError[] = []
  try {
    for (const { folder } of leftovers) {
      // What has no begin, or another run's, would be closed as if nothing had been there.
      readRunRecord(folder)
      const state = replayJournal(path.join(folder, JOURNAL_FILE))
      // It may have ended between the look at its journal and the taking of its lock.
      if (state.end === undefined) lost.push(...(await settleRun(folder, state, deps, true)))
      removeLockFile(folder)
    }
  } finally {
    await releaseLeftovers(leftovers)
  }
  const [first] = lost
  if (first !== undefined) throw first
}

/** The same for one run that is gone on with, and so not superseded. */
export async function settleForResume(folder: string, state: ReplayedState, deps: LeftoverDeps): Promise<void> {
  const [first] = await settleRun(folder, state, deps, false)
  if (first !== undefined) throw first
}

async function settleRun(folder: string, state: ReplayedState, deps: LeftoverDeps, isSuperseded: boolean): Promise<PypeError[]> {
  const { disk, databases, emit, now } = deps
  const lost: PypeError[] = []
  const journal = Journal.open(disk, folder, state.length)
  try {
    let finished = 0
    for (const intent of state.openIntents.values()) {
      const settlement = await settleIntent(intent, { record: state.run, folder }, journal, { disk, databases })
      if (settlement === 'finished') finished++
      else if (settlement !== 'given up') lost.push(settlement.lost)
    }
    journal.flush()
    const removed = sweep(state, disk)
    for (const left of listUnfinished(folder, state)) disk.remove(left)
    if (isSuperseded) journal.append({ kind: 'end', status: 'superseded', time: now().toISOString(), ...noteWaiting(folder) })
    journal.flush()
    // No commit is open any more, so nobody asks for a token.
    await forgetTokens(state, databases.open, (message) => emit({ type: 'log', level: 'warn', message }))
    if (isSuperseded || finished + removed > 0) emit({ type: 'leftover.settled', run: path.basename(folder), finished, removed })
  } finally {
    journal.close()
  }
  return lost
}

/** What only the process that was killed could have gone on with: rows that it spilled, and parts of artifacts. */
function listUnfinished(folder: string, { run, resumes }: ReplayedState): string[] {
  const artifacts = path.join(folder, 'artifacts')
  const names = existsSync(artifacts) ? readdirSync(artifacts) : []
  const parts = names.filter((name) => name.startsWith('.')).map((name) => path.join(artifacts, name))
  return [path.join(folder, 'spill'), ...[run, ...resumes].flatMap((record) => record?.spill ?? []), ...parts]
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
