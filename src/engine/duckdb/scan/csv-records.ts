import { type Compression, readBytes } from './byte-stream.js'

/** The characters that give a CSV file its structure. */
export interface Dialect {
  readonly delimiter: string
  /** Empty: nothing is quoted. */
  readonly quote: string
  readonly escape: string
}

/** One record as it stands in the file. */
export interface RawRecord {
  /** The line that it begins on, from 1. */
  readonly line: number
  /** The byte that it begins at, from 0, after decompression. */
  readonly offset: number
  readonly raw: string
}

const CR = 13
const LF = 10

/**
 * The records of a CSV file one after the other; a quoted value may run over several lines. Blank lines are left out, as
 * the engine does, but for files of one column, where they are rows.
 */
export function readRecords(path: string, compression: Compression, dialect: Dialect, keepBlank = false): AsyncGenerator<RawRecord> {
  return splitRecords(readBytes(path, compression), dialect, keepBlank)
}

/** The records of a CSV text in UTF-8, as {@link readRecords} gives them. */
export async function* splitRecords(bytes: AsyncIterable<Uint8Array>, dialect: Dialect, keepBlank = false): AsyncGenerator<RawRecord> {
  const quote = dialect.quote === '' ? -1 : dialect.quote.charCodeAt(0)
  const escaper = dialect.escape === '' || dialect.escape === dialect.quote ? -1 : dialect.escape.charCodeAt(0)
  let pending: Uint8Array[] = []
  let read = 0
  let line = 1
  let begin = { line: 1, offset: 0 }
  let quoted = false
  let escaped = false
  let afterCr = false
  const take = (piece: Uint8Array): RawRecord => {
    const record = { ...begin, raw: withoutMark(Buffer.concat([...pending, piece]).toString('utf8'), begin.offset) }
    pending = []
    return record
  }
  for await (const chunk of bytes) {
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]
      if (afterCr && byte === LF) {
        afterCr = false
        if (quoted || from !== i) continue
        from = i + 1
        begin = { line, offset: read + from }
        continue
      }
      afterCr = byte === CR
      if (escaped) escaped = false
      else if (byte === escaper && quoted) escaped = true
      else if (byte === quote) quoted = !quoted
      if (byte !== LF && byte !== CR) continue
      line++
      if (quoted) continue
      const record = take(chunk.subarray(from, i))
      if (keepBlank || record.raw !== '') yield record
      from = i + 1
      begin = { line, offset: read + from }
    }
    if (from < chunk.length) pending.push(chunk.slice(from))
    read += chunk.length
  }
  if (pending.length > 0) yield take(new Uint8Array(0))
}

/**
 * Rows that have the number of a record (from 1, ascending) in their column `record`, each with that record; undefined for one
 * behind the end. Reads no further than it has to.
 */
export async function* joinRecords<Row extends { readonly [column: string]: unknown }>(
  rows: readonly Row[],
  records: AsyncGenerator<RawRecord>,
): AsyncGenerator<{ readonly row: Row; readonly record: RawRecord | undefined }> {
  let read = 0
  try {
    for (const row of rows) {
      let record: RawRecord | undefined
      for (; read < Number(row['record']); read++) record = (await records.next()).value ?? undefined
      yield { row, record }
    }
  } finally {
    await records.return(undefined)
  }
}

function withoutMark(raw: string, offset: number): string {
  return offset === 0 && raw.startsWith('\ufeff') ? raw.slice(1) : raw
}

/** The values of one record. */
export function splitRecord(raw: string, dialect: Dialect): string[] {
  const { delimiter, quote } = dialect
  const escaper = dialect.escape === '' ? quote : dialect.escape
  const values: string[] = []
  let at = 0
  for (;;) {
    let value = ''
    if (quote !== '' && raw[at] === quote) {
      at++
      while (at < raw.length) {
        if (raw[at] === escaper && (raw[at + 1] === quote || raw[at + 1] === escaper)) {
          value += raw[at + 1]
          at += 2
        } else if (raw[at] === quote) {
          at++
          break
        } else value += raw[at++]
      }
    }
    const end = raw.indexOf(delimiter, at)
    values.push(value + raw.slice(at, end < 0 ? undefined : end))
    if (end < 0) return values
    at = end + delimiter.length
  }
}
