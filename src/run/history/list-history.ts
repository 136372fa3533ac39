import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import type { HistoryStatus } from '../../core/run-progress.js'
import { isFolderLocked } from '../../engine/duckdb/folder-lock.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import type { RunRecord } from '../checkpoint/journal/records.js'
import { readEnd, readRunRecord } from '../checkpoint/journal/run-ends.js'
import { listRuns } from '../checkpoint/settle/leftovers.js'
import { waitForStarting } from '../overlap/enter-runs-folder.js'
import { Overtaken } from './overtaken.js'
import { type ReadSummary, readSummary } from './read-summary.js'

/** A run of the past, or one that is going on. */
export interface HistoryEntry {
  readonly run: string
  /** Null: it ended before it had begun, or its journal is damaged. */
  readonly job: string | null
  readonly status: HistoryStatus
  /** The logical time. */
  readonly date: string | null
  /** ISO 8601. */
  readonly started: string | null
  /** Of the process that walked it last; null when that was killed. */
  readonly seconds: number | null
  /** Rows that its sinks wrote; null when nothing counted them. */
  readonly rows: number | null
  /** The run whose node started it. */
  readonly parent: string | null
  /** Why it cannot be resumed; null when it can. */
  readonly why_not_resumable: string | null
}

/**
 * The last runs of a job in a runs folder, which may hold those of others too, the newest first. Reads the first and the last record of each journal and the summary, whatever the
 * length of the journal; more only of those that might be resumed, and of what came after them.
 */
export async function listHistory(runsFolder: string, job: string, limit: number): Promise<HistoryEntry[]> {
  if (!existsSync(runsFolder)) return []
  const entries: HistoryEntry[] = []
  const overtaken = new Overtaken(runsFolder)
  const runs = listLast(runsFolder, job, limit)
  const goingOn = await findGoingOn(
    runsFolder,
    runs.map(({ run }) => run),
  )
  for (const begun of runs) entries.push(describe(runsFolder, begun, goingOn, overtaken))
  return entries
}

/** One run in a runs folder. */
export async function readHistory(runsFolder: string, run: string): Promise<HistoryEntry> {
  return describe(runsFolder, readBegun(runsFolder, run), await findGoingOn(runsFolder, [run]), new Overtaken(runsFolder))
}

function describe(runsFolder: string, { run, record, damage }: Begun, goingOn: ReadonlySet<string>, overtaken: Overtaken): HistoryEntry {
  const folder = path.join(runsFolder, run)
  const summary = readSummary(folder)
  const status = goingOn.has(run) ? 'running' : findStatus(folder, summary)
  return {
    run,
    job: record?.job ?? null,
    status,
    date: record?.date ?? null,
    started: record?.started ?? null,
    seconds: status === 'killed' || status === 'running' ? null : (summary?.seconds ?? null),
    rows: summary?.rows ?? null,
    parent: record?.parent ?? null,
    why_not_resumable: damage ?? whyNotResumable(status, record, overtaken),
  }
}

/** What came of one run in a runs folder. */
export async function findRunStatus(runsFolder: string, run: string): Promise<HistoryStatus> {
  const goingOn = await findGoingOn(runsFolder, [run])
  const folder = path.join(runsFolder, run)
  return goingOn.has(run) ? 'running' : findStatus(folder, readSummary(folder))
}

interface Begun {
  readonly run: string
  /** Undefined: it ended before it had begun, or its journal is damaged. */
  readonly record: RunRecord | undefined
  /** Why its first record cannot be read. */
  readonly damage?: string
}

function listLast(runsFolder: string, job: string, limit: number): Begun[] {
  const found: Begun[] = []
  for (const run of listRuns(runsFolder).reverse()) {
    if (found.length === limit) break
    const begun = readBegun(runsFolder, run)
    // Whose the others are is not known.
    if (begun.record === undefined || begun.record.job === job) found.push(begun)
  }
  return found
}

/** The other runs can be listed all the same when the journal of one is damaged. */
function readBegun(runsFolder: string, run: string): Begun {
  try {
    return { run, record: readRunRecord(path.join(runsFolder, run)) }
  } catch (error) {
    if (error instanceof PypeError && error.code === 'JOURNAL_BROKEN') return { run, record: undefined, damage: error.message }
    throw error
  }
}

function whyNotResumable(status: HistoryStatus, record: RunRecord | undefined, overtaken: Overtaken): string | null {
  if (status === 'completed') return 'it has completed'
  if (status === 'running') return 'it is going on'
  if (record === undefined) return 'it ended before it had begun'
  if (record.parent !== undefined) return `it is part of ${record.parent}, which resumes it`
  try {
    const later = overtaken.findLater(record)
    return later === undefined ? null : `${later} came later and has committed; --force resumes it all the same`
  } catch (error) {
    // The other runs can be listed all the same.
    if (error instanceof PypeError && error.code === 'JOURNAL_BROKEN') return error.message
    throw error
  }
}

/** Milliseconds that a look waits for a start. */
const LONGEST_WAIT = 1000

/** The runs whose process lives. A start that found their locks taken by this look would think so of all of them, and waits. */
async function findGoingOn(runsFolder: string, runs: readonly string[]): Promise<ReadonlySet<string>> {
  const goingOn = new Set<string>()
  const unfinished = runs.filter((run) => readEnd(path.join(runsFolder, run)) === undefined)
  if (unfinished.length === 0) return goingOn
  const starting = await waitForStarting(runsFolder, LONGEST_WAIT).catch((error: unknown) => {
    // Who may not write here cannot start a run either. And a start that settles for longer has all locks that it needs: others wait for it.
    if (error instanceof PypeError && error.code === 'FILE_UNWRITABLE') return undefined
    throw error
  })
  try {
    for (const run of unfinished) if (await isFolderLocked(path.join(runsFolder, run))) goingOn.add(run)
  } finally {
    await starting?.release()
  }
  return goingOn
}

function findStatus(folder: string, summary: ReadSummary | undefined): HistoryStatus {
  const end = readEnd(folder)
  if (end !== undefined) return end.status
  // Of a process that left a commit open for the next start, and not of one that went on with the run and was killed.
  return summary?.status !== undefined && summary.written >= statSync(path.join(folder, JOURNAL_FILE)).mtimeMs ? summary.status : 'killed'
}
