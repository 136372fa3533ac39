import { existsSync } from 'node:fs'
import path from 'node:path'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { readRunRecord } from '../checkpoint/journal/run-ends.js'

/** Whether a run has its first record: without it there is nothing to go on from. */
export function hasBegun(folder: string): boolean {
  return existsSync(path.join(folder, JOURNAL_FILE)) && readRunRecord(folder) !== undefined
}
