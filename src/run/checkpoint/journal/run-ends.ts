import path from 'node:path'
import { JOURNAL_FILE } from './journal.js'
import { readFirstRecord, readLastRecord } from './read-journal.js'
import type { EndRecord, RunRecord } from './records.js'

/** The record that a run began with. Undefined: it ended before it had begun. */
export function readRunRecord(folder: string): RunRecord | undefined {
  const first = readFirstRecord(path.join(folder, JOURNAL_FILE))
  return first?.kind === 'run' ? first : undefined
}

/** The record that the last process of a run ended with. Undefined: it was killed, has left a commit open, or is going on. */
export function readEnd(folder: string): EndRecord | undefined {
  const last = readLastRecord(path.join(folder, JOURNAL_FILE))
  return last?.kind === 'end' ? last : undefined
}
