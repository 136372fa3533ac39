import path from 'node:path'
import type { EndRecord, RunRecord } from '../checkpoint/journal/records.js'
import { readEnd, readRunRecord } from '../checkpoint/journal/run-ends.js'
import { listRuns } from '../checkpoint/settle/leftovers.js'
import { purposeOf } from '../housekeeping/completed-times.js'

/** A run that is in the runs folder. */
export interface PastRun {
  readonly folder: string
  readonly record: RunRecord
  /** Undefined: its last process has none. */
  readonly end: EndRecord | undefined
}

/** The runs of one purpose, the oldest first. Reads the first and the last record of each journal. Throws JOURNAL_BROKEN when it cannot be known what a damaged run is of. */
export function readPastRuns(runsFolder: string, purpose: string): PastRun[] {
  return listRuns(runsFolder).flatMap((run) => {
    const folder = path.join(runsFolder, run)
    const record = readRunRecord(folder)
    return record === undefined || purposeOf(record) !== purpose ? [] : [{ folder, record, end: readEnd(folder) }]
  })
}
