import { PypeError } from '../../../core/errors.js'
import { hasMixedEnds } from '../failure/explain-csv.js'
import type { CsvFile } from './csv-files.js'
import type { CsvPlan } from './csv-reader.js'
import { CR, LF, type RawRecord, readRecords } from './csv-records.js'

/** The error with the first line that ends in another way than those before it, where that is what the engine failed on. */
export async function placeMixedEnds(error: unknown, { files, format }: CsvPlan): Promise<unknown> {
  if (!hasMixedEnds(error)) return error
  for (const file of files) {
    let first: string | undefined
    let last: RawRecord | undefined
    for await (const record of readRecords(file.readable, file.compression, format)) {
      if (last !== undefined) {
        const end = endOf(last, record)
        first ??= end
        if (end !== first) throw mixed(file, last, end, first, error)
      }
      last = record
    }
    if (first === 'LF' && last?.end === CR) throw mixed(file, last, 'CR or CR LF', first, error)
    if (first !== 'LF' && last?.end === LF) throw mixed(file, last, 'LF', first, error)
  }
  return error
}

function endOf(record: RawRecord, next: RawRecord): string {
  if (record.end === LF) return 'LF'
  return next.offset - record.offset - record.bytes === 2 ? 'CR LF' : 'CR'
}

function mixed({ path, firstLine }: CsvFile, { line }: RawRecord, end: string, first: string | undefined, cause: unknown): PypeError {
  return new PypeError('BAD_ROW', `${path}, line ${line + firstLine - 1}: the line ends with ${end}, those before it with ${first}.`, {
    cause,
    hint: 'give all lines of the file the same end, for example with dos2unix, and quote values that have one in them',
  })
}
