import { PypeError } from '../../../core/errors.js'
import { readRunRecord } from '../../../run/checkpoint/journal/run-ends.js'

/** The name of the job of a run. Undefined: the first record is damaged, or the run ended before it had begun. */
export function readJobName(folder: string): string | undefined {
  try {
    return readRunRecord(folder)?.job
  } catch (error) {
    if (error instanceof PypeError && error.code === 'JOURNAL_BROKEN') return undefined
    throw error
  }
}
