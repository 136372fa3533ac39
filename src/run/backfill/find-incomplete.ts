import path from 'node:path'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { mayHaveCommitted } from '../resume/later-commit.js'
import { normalizeTime } from './plan-dates.js'
import type { PastRun } from './read-past-runs.js'

/**
 * The logical times of which a run has put something in place and not completed since, each with the id of
 * the last such run: started anew, it would add its rows a second time.
 */
export function findIncomplete(past: readonly PastRun[]): ReadonlyMap<string, string> {
  const completed = new Set<string>()
  const incomplete = new Map<string, string>()
  for (const { folder, record, end } of past.toReversed()) {
    // What a node has started is gone on with by its own run.
    if (record.parent !== undefined) continue
    const time = normalizeTime(record.date)
    if (end?.status === 'completed') completed.add(time)
    else if (!completed.has(time) && !incomplete.has(time) && mayHaveCommitted(path.join(folder, JOURNAL_FILE)))
      incomplete.set(time, record.run)
  }
  return incomplete
}
