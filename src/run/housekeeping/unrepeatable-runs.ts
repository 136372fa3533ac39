import path from 'node:path'
import { normalizeTime } from '../backfill/plan-dates.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { readRunRecord } from '../checkpoint/journal/run-ends.js'
import { hasAppended } from '../resume/appended.js'
import { mayHaveCommitted } from '../resume/later-commit.js'
import { purposeOf, readCompleted } from './completed-times.js'

/**
 * The runs whose folders have to stay: they have added rows and not completed, and nobody would know that any more. What was started by a node is gone on with
 * by its id; of the other runs of one purpose and logical time the last one counts.
 */
export class UnrepeatableRuns {
  readonly #runsFolder: string
  /** The last run that has completed, or stays, by its purpose and logical time. */
  #last: Map<string, string> | undefined

  constructor(runsFolder: string) {
    this.#runsFolder = runsFolder
  }

  /** Whether a run that has not completed is one of them; to be asked from the newest run on. `newer`: the runs that have completed. */
  has(run: string, newer: Iterable<string>): boolean {
    const folder = path.join(this.#runsFolder, run)
    const record = readRunRecord(folder)
    if (record === undefined || !mayHaveCommitted(path.join(folder, JOURNAL_FILE), hasAppended)) return false
    if (record.parent !== undefined) return true
    this.#last ??= this.#readLast(newer)
    const key = keyOf(record.date, purposeOf(record))
    if ((this.#last.get(key) ?? '') > run) return false
    this.#last.set(key, run)
    return true
  }

  #readLast(completed: Iterable<string>): Map<string, string> {
    const last = new Map<string, string>()
    const add = (key: string, run: string) => last.set(key, run > (last.get(key) ?? '') ? run : (last.get(key) ?? ''))
    for (const { run, date, purpose } of readCompleted(this.#runsFolder)) add(keyOf(date, purpose), run)
    for (const run of completed) {
      const record = readRunRecord(path.join(this.#runsFolder, run))
      if (record !== undefined) add(keyOf(record.date, purposeOf(record)), run)
    }
    return last
  }
}

function keyOf(date: string, purpose: string): string {
  return `${purpose} ${normalizeTime(date)}`
}
