import { statSync } from 'node:fs'
import path from 'node:path'
import type { Dag, ExecutionMetadata } from '../../core/dag.js'
import type { PypeError } from '../../core/errors.js'
import type { HistoryStatus, RunProgress } from '../../core/run-progress.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { LOG_FILE } from '../observe/log-lines.js'
import { findRunStatus } from './list-history.js'
import { readProgress, readRecords } from './read-progress.js'
import { type ReadSummary, readSummary } from './read-summary.js'
import { TimelineRecords } from './timeline-records.js'

/** The flow of a run, as its job is by now. */
export interface RunFlow {
  readonly dag: Dag
  readonly metadata: ExecutionMetadata
}

/** All that a run has recorded of itself, as far as it can be read. */
export interface ReadRun {
  readonly run: string
  /** Absolute. */
  readonly folder: string
  readonly status: HistoryStatus
  readonly timeline: TimelineRecords
  /** Undefined: the flow is not known. */
  readonly progress: RunProgress | undefined
  /** Undefined: there is none; a killed run has none. */
  readonly summary: ReadSummary | undefined
  /** Why a part of the journal is missing. */
  readonly damage: PypeError | undefined
}

/** Reads a run that has ended, was killed or is going on, in memory that does not grow with its journal. Without its flow, what the records say by themselves. */
export async function readRun(runsFolder: string, run: string, flow: RunFlow | undefined, now: Date): Promise<ReadRun> {
  const folder = path.join(runsFolder, run)
  const timeline = new TimelineRecords()
  let damage: PypeError | undefined
  const onDamage = (error: PypeError) => {
    damage = error
  }
  const fold = timeline.fold.bind(timeline)
  let progress: RunProgress | undefined
  if (flow === undefined) readRecords(folder, fold, onDamage)
  else progress = await readProgress(runsFolder, run, flow.dag, flow.metadata, { fold, onDamage })
  const status = progress?.status ?? (await findRunStatus(runsFolder, run))
  const last = timeline.processes.at(-1)
  if (last !== undefined && last.end === undefined) {
    // What one that was killed has written last is its last sign of life.
    const signs = [JOURNAL_FILE, LOG_FILE].map((file) => statSync(path.join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0)
    last.to = Math.max(last.to, ...(status === 'running' ? [now.getTime()] : signs))
  }
  return { run, folder, status, timeline, progress, summary: readSummary(folder), damage }
}
