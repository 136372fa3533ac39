import path from 'node:path'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { readJournal } from '../checkpoint/journal/read-journal.js'
import type { RunRecord, VoidRecords } from '../checkpoint/journal/records.js'
import type { ReplayedState } from '../checkpoint/journal/replay.js'
import type { Job } from '../job/load-job.js'
import { compareJob } from './compare-job.js'
import { findLostRows } from './lost-rows.js'
import { RecordedRun } from './recorded-run.js'

/** A run as it was recorded, and the job as it is now. */
export interface RunThenAndNow {
  readonly folder: string
  readonly job: Job
  readonly before: ReplayedState
  /** Those that the records were made under. */
  readonly hashes: RunRecord['hashes']
}

/** What of a run runs again although it has completed. */
export interface Repeats {
  /** Without what does not count any more. */
  readonly recorded: RecordedRun
  /** Bytes of the journal's whole records. */
  readonly length: number
  readonly void: VoidRecords
  /** By sub flow, or by sub flow in its frame when only that one's rows are gone. */
  readonly reasons: ReadonlyMap<string, string>
  /** The sub flows of which some frame had completed. */
  readonly completed: ReadonlySet<string>
}

/** Replays a run, and finds what of it does not count any more: what was changed or is asked for, what stands on it, and what lacks its rows. */
export function findRepeats(run: RunThenAndNow, asked: ReadonlySet<string>): Repeats {
  const forced = new Map([...asked].map((name) => [name, 'asked for with --again']))
  for (;;) {
    const { changes, recorded, length, completed } = replay(run, forced)
    const lost = findLostRows(run.job, recorded)
    const lists = [...lost.lists].filter((name) => !forced.has(name))
    // Without its list nothing of a loop counts: as if the sub flow that gave it were another one.
    for (const name of lists) forced.set(name, 'its list is gone')
    if (lists.length > 0) continue
    const voided = { ...changes.void, lost: [...lost.subFlows] }
    recorded.void({ ...voided, sub_flows: [], connections: [] })
    const gone = voided.lost.map((name) => [name, 'its rows are gone'] as const)
    return { recorded, length, void: voided, reasons: new Map([...changes.reasons, ...gone]), completed }
  }
}

function replay({ folder, job, before, hashes }: RunThenAndNow, forced: ReadonlyMap<string, string>) {
  const { dag, metadata } = job
  const changes = compareJob(dag, metadata, hashes, forced)
  const loops = new Set([...before.resumes.flatMap((resume) => resume.void.loops), ...changes.void.loops])
  const recorded = new RecordedRun(dag, metadata, loops)
  const length = readJournal(path.join(folder, JOURNAL_FILE), (record) => recorded.fold(record))
  const completed = recorded.listCompleted()
  recorded.void({ ...changes.void, lost: [] })
  return { changes, recorded, length, completed }
}
