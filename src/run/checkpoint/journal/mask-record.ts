import { maskEventError } from '../../observe/mask-event.js'
import { maskGlobals } from '../../secrets/mask-global.js'
import type { Masker } from '../../secrets/masker.js'
import type { JournalRecord } from './records.js'

/** A record without secrets in what came from the code of modules; what it is known by, and paths, stay as they are. */
export function maskRecord(record: JournalRecord, masker: Masker): JournalRecord {
  switch (record.kind) {
    case 'failed':
      return { ...record, error: maskEventError(record.error, masker) }
    case 'abort':
      return { ...record, reason: masker.mask(record.reason) }
    case 'intent':
      return { ...record, completion: { ...record.completion, globals: maskGlobals(record.completion.globals, masker) } }
    case 'completed':
    case 'frame':
      return { ...record, globals: maskGlobals(record.globals, masker) }
    default:
      return record
  }
}
