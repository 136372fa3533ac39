import { compressionOf, readBytes } from '../../engine/duckdb/scan/byte-stream.js'
import { splitRecord, splitRecords } from '../../engine/duckdb/scan/csv-records.js'
import { SAMPLE_ROWS } from '../../engine/duckdb/scan/infer-types.js'
import { decode, type Encoding } from '../../engine/duckdb/scan/transcode.js'

/** What is left of the first rows of a CSV file when its faults are taken out. */
export interface SoundSample {
  /** The header and the rows that have as many values as it, as a CSV file in UTF-8 that can be read. */
  readonly text: string
  readonly names: readonly string[]
  /** Columns that the header names once more, with what they are called now. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[]
  /** Lines of the file up to the first row: the header, and blank lines before it. */
  readonly headerLines: number
  /** Rows that have another number of values than the header, and all that were looked at. */
  readonly broken: number
  readonly seen: number
}

/**
 * Reads the first rows of a CSV file with a header that the engine refuses, because the header has a name twice or rows have too few or too many values.
 * Undefined when neither is so, or when most rows are broken.
 */
export async function readSoundSample(file: string, delimiter: string, encoding: Encoding): Promise<SoundSample | undefined> {
  const dialect = { delimiter, quote: '"', escape: '"' }
  const bytes = readBytes(file, compressionOf(file, 'auto'))
  let header: readonly string[] | undefined
  let headerLines = 0
  let seen = 0
  const sound: string[] = []
  for await (const { raw, line } of splitRecords(encoding === 'utf-8' ? bytes : decode(bytes, encoding), dialect)) {
    if (raw === '') continue
    if (header === undefined) {
      header = splitRecord(raw, dialect)
      headerLines = line + raw.split(/\r\n|\r|\n/).length - 1
      continue
    }
    if (seen === SAMPLE_ROWS) break
    seen++
    if (splitRecord(raw, dialect).length === header.length) sound.push(raw)
  }
  // With more broken rows than sound ones, the header or the delimiter is not what it seems.
  if (header === undefined || sound.length === 0 || sound.length * 2 < seen) return undefined
  const names = nameOnce(header)
  const renamed = names.flatMap((to, i) => (header[i]?.trim() && header[i] !== to ? [{ from: header[i], to }] : []))
  const broken = seen - sound.length
  if (renamed.length === 0 && broken === 0) return undefined
  const first = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(delimiter)
  return { text: `${[first, ...sound].join('\n')}\n`, names, renamed, headerLines, broken, seen }
}

/** A number behind each name that stood before, without regard to case: `Kunde`, `Kunde_2`. A column without a name is called as `csv_source` calls it. */
function nameOnce(header: readonly string[]): readonly string[] {
  const given = header.map((name, i) => (name.trim() === '' ? `column${i}` : name))
  const taken = new Set(given.map((name) => name.toLowerCase()))
  const seen = new Set<string>()
  return given.map((name) => {
    let once = name
    for (let n = 2; once !== name ? taken.has(once.toLowerCase()) : seen.has(name.toLowerCase()); n++) once = `${name}_${n}`
    seen.add(once.toLowerCase())
    taken.add(once.toLowerCase())
    return once
  })
}
