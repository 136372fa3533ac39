import { existsSync } from 'node:fs'
import path from 'node:path'
import { JOURNAL_FILE } from '../checkpoint/journal.js'
import { readFirstRecord } from '../checkpoint/read-journal.js'

/** Whether a run has its first record: without it there is nothing to go on from. */
export function hasBegun(folder: string): boolean {
  const journal = path.join(folder, JOURNAL_FILE)
  return existsSync(journal) && readFirstRecord(journal)?.kind === 'run'
}
