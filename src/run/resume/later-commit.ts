import { statSync } from 'node:fs'
import path from 'node:path'
import { nameInFrame } from '../../core/frame.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { readJournal } from '../checkpoint/journal/read-journal.js'
import type { RunStarts } from '../checkpoint/journal/read-starts.js'
import { readRunRecord } from '../checkpoint/journal/run-ends.js'
import { listRuns } from '../checkpoint/settle/leftovers.js'

/** The run of the same job that was started, or gone on with, after a run was last, and has put something in place. Undefined: there is none. */
export function findLaterCommit(runsFolder: string, run: string, { run: record, resumes }: RunStarts): string | undefined {
  const last = resumes.at(-1)?.started ?? record?.started ?? ''
  return listRuns(runsFolder).find((other) => {
    const journal = path.join(runsFolder, other, JOURNAL_FILE)
    if (other === run || statSync(journal).mtimeMs < Date.parse(last)) return false
    const begun = readRunRecord(path.join(runsFolder, other))
    return begun !== undefined && begun.job === record?.job && hasCommittedSince(journal, [last, run], other)
  })
}

/** Whether a run has put something in place, or is about to: it has an intent that was not given up. Throws JOURNAL_BROKEN. */
export function hasCommitted(journal: string): boolean {
  return hasCommittedSince(journal, ['', ''], path.basename(path.dirname(journal)))
}

function hasCommittedSince(journal: string, [last, run]: readonly [string, string], other: string): boolean {
  let isLater = false
  const committed = new Set<string>()
  readJournal(journal, (found) => {
    if (found.kind === 'run' || found.kind === 'resumed') {
      isLater = found.started > last || (found.started === last && other > run)
    } else if (isLater && found.kind === 'intent') committed.add(nameInFrame(found.sub_flow, found.frame))
    else if (found.kind === 'abort') committed.delete(nameInFrame(found.sub_flow, found.frame))
  })
  return committed.size > 0
}
