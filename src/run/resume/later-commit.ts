import { statSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { nameInFrame } from '../../core/frame.js'
import { normalizeTime } from '../backfill/plan-dates.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { readJournal } from '../checkpoint/journal/read-journal.js'
import type { RunStarts } from '../checkpoint/journal/read-starts.js'
import type { IntentRecord } from '../checkpoint/journal/records.js'
import { readRunRecord } from '../checkpoint/journal/run-ends.js'
import { listRuns } from '../checkpoint/settle/leftovers.js'

/**
 * The run of the same job that was started, or gone on with, after a run was last, and has put something in place; with `sameTime`, of the same logical
 * time. Undefined: there is none.
 */
export function findLaterCommit(
  runsFolder: string,
  run: string,
  { run: record, resumes }: RunStarts,
  sameTime = false,
): string | undefined {
  const last = resumes.at(-1)?.started ?? record?.started ?? ''
  return listRuns(runsFolder).find((other) => {
    const journal = path.join(runsFolder, other, JOURNAL_FILE)
    if (other === run || statSync(journal).mtimeMs < Date.parse(last)) return false
    const begun = readRunRecord(path.join(runsFolder, other))
    if (begun === undefined || begun.job !== record?.job) return false
    if (sameTime && normalizeTime(begun.date) !== normalizeTime(record.date)) return false
    return hasCommittedSince(journal, [last, run], other, () => true)
  })
}

/**
 * Whether a run has put something in place, or is about to: it has an intent of the wanted ones that was not given up. It may have when its journal is
 * damaged: that is for the resume to report.
 */
export function mayHaveCommitted(journal: string, isWanted: (intent: IntentRecord) => boolean = () => true): boolean {
  try {
    return hasCommittedSince(journal, ['', ''], path.basename(path.dirname(journal)), isWanted)
  } catch (error) {
    if (error instanceof PypeError && error.code === 'JOURNAL_BROKEN') return true
    throw error
  }
}

function hasCommittedSince(
  journal: string,
  [last, run]: readonly [string, string],
  other: string,
  isWanted: (intent: IntentRecord) => boolean,
): boolean {
  let isLater = false
  const committed = new Set<string>()
  readJournal(journal, (found) => {
    if (found.kind === 'run' || found.kind === 'resumed') {
      isLater = found.started > last || (found.started === last && other > run)
    } else if (isLater && found.kind === 'intent') {
      if (isWanted(found)) committed.add(nameInFrame(found.sub_flow, found.frame))
    } else if (found.kind === 'abort') committed.delete(nameInFrame(found.sub_flow, found.frame))
  })
  return committed.size > 0
}
