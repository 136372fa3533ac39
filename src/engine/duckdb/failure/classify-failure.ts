import type { ErrorCode } from '../../../core/error-codes.js'
import { CONNECT_REJECT } from '../../../core/reject-hint.js'
import type { EngineFailure } from './engine-failure.js'

const FAILED_HINT = 'mend the expression in this node, or keep the values that it fails on away with filter_mod before it'

const BINDING = new Set(['Binder', 'Parser', 'Catalog', 'Syntax'])

/** The code of an error of the engine by its kind, and the hint that goes with it. */
export function classifyFailure({ exception_type: type }: EngineFailure, message: string): readonly [ErrorCode, string] {
  if (BINDING.has(type)) return ['SQL_INVALID', 'check the SQL text of this node against the columns that it gets']
  if (type === 'Out of Memory') {
    if (/temp.?_?directory|max_temp/i.test(message)) return ['DISK_FULL', 'free some space, or set settings.spill_dir to a larger disk']
    return ['OUT_OF_MEMORY', 'raise settings.memory_limit, or lower settings.threads']
  }
  if (type === 'FATAL' || type === 'INTERNAL') return ['ENGINE_LOST', 'run it again; if it happens again, please report it']
  if (type === 'IO' || type.startsWith('Invalid')) return classifyIo(message)
  return ['SQL_FAILED', FAILED_HINT]
}

function classifyIo(whole: string): readonly [ErrorCode, string] {
  // A path says nothing of what is wrong, whatever words are in it.
  const message = whole.replace(/"[^"]*"/g, '""')
  // The system's limit on the size of a file, or a quota, is a full disk too.
  if (/No space left|disk is full|File too large|quota exceeded/i.test(message))
    return ['DISK_FULL', 'free some space, or write to another disk']
  if (/Malformed JSON/i.test(message)) return ['BAD_ROW', CONNECT_REJECT]
  if (
    /no magic bytes|too small to be a Parquet|Corrupt|corrupted|Failed to read Parquet|TProtocol|Truncated|metadata|footer|Snappy|ZSTD|unexpected end|GZIP|decompress|don't know what type|Invalid data/i.test(
      message,
    )
  ) {
    return ['FILE_CORRUPT', 'the file is cut off or is not of this format: get it again from where it came from']
  }
  if (/^(Could not write|Failed to (create|write))/i.test(message))
    return ['FILE_UNWRITABLE', 'check the rights of the file and of its folder, and the disk']
  if (/Permission denied/i.test(message)) return ['FILE_UNREADABLE', 'check the rights of the file and of its folders']
  if (/No such file|does not exist|No files found/i.test(message))
    return ['FILE_NOT_FOUND', 'check the path; relative paths start at the folder where pype run is called']
  if (/Expected .* in JSON|JSON/i.test(message)) return ['BAD_ROW', CONNECT_REJECT]
  return ['SQL_FAILED', FAILED_HINT]
}
