import { compressionOf, readBytes } from '../../engine/duckdb/scan/byte-stream.js'
import { splitRecord, splitRecords } from '../../engine/duckdb/scan/csv-records.js'
import { SAMPLE_ROWS } from '../../engine/duckdb/scan/infer-types.js'
import { decode, type Encoding } from '../../engine/duckdb/scan/transcode.js'

/** The values of each column of a CSV file with a header that are not empty, in the rows that inference looks at. */
export async function readSample(file: string, delimiter: string, encoding: Encoding): Promise<readonly (readonly string[])[]> {
  const dialect = { delimiter, quote: '"', escape: '"' }
  const bytes = readBytes(file, compressionOf(file, 'auto'))
  const values: string[][] = []
  // The first record is the header.
  let rows = -1
  for await (const { raw } of splitRecords(encoding === 'utf-8' ? bytes : decode(bytes, encoding), dialect)) {
    if (raw === '') continue
    if (rows === SAMPLE_ROWS) break
    if (rows++ < 0) continue
    for (const [i, value] of splitRecord(raw, dialect).entries()) {
      values[i] ??= []
      if (value !== '') values[i].push(value)
    }
  }
  return values
}
