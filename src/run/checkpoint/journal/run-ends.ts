import { existsSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../../core/errors.js'
import { isObject, parseJson } from '../../../core/json.js'
import { SUMMARY_FILE } from '../../observe/summary.js'
import { readText } from '../files/disk.js'
import { JOURNAL_FILE } from './journal.js'
import { readFirstRecord, readJournal, readLastRecord } from './read-journal.js'
import type { EndRecord, RunRecord } from './records.js'

/**
 * The first record of a run. Undefined: the run ended before that was whole, and so before it put anything in place. Throws JOURNAL_BROKEN when it
 * is damaged or gone, or is that of another run: nobody knows then what the run has put in place.
 */
export function readRunRecord(folder: string): RunRecord | undefined {
  const journal = path.join(folder, JOURNAL_FILE)
  const first = readFirstRecord(journal)
  if (first?.kind === 'run') {
    if (first.run === path.basename(folder)) return first
    throw broken(`${journal} is the journal of another run, ${first.run}.`)
  }
  let records = 0
  readJournal(journal, () => records++)
  // A run that could not begin, or a later start that has found it, may have written its end.
  const isUnbegun = first === undefined || (first.kind === 'end' && records === 1)
  if (!isUnbegun) throw broken(`${journal} does not begin with the record of its run.`)
  if (hasWalked(folder)) throw broken(`${journal} has lost its records: ${SUMMARY_FILE} beside it tells of sub flows.`)
  return undefined
}

/** The record that the last process of a run ended with. Undefined: it was killed, has left a commit open, or is going on. */
export function readEnd(folder: string): EndRecord | undefined {
  const last = readLastRecord(path.join(folder, JOURNAL_FILE))
  return last?.kind === 'end' ? last : undefined
}

/** Whether the summary tells of sub flows that were walked; it is written after the records, and these are flushed by then. */
function hasWalked(folder: string): boolean {
  const file = path.join(folder, SUMMARY_FILE)
  const summary = existsSync(file) ? parseJson(readText(file)) : undefined
  const ends = isObject(summary) ? summary.sub_flows : undefined
  return isObject(ends) && Object.values(ends).some((count) => typeof count === 'number' && count > 0)
}

function broken(message: string): PypeError {
  return new PypeError('JOURNAL_BROKEN', message, {
    hint: 'restore the file, or move its run folder away and look after what that run has put in place by hand',
  })
}
