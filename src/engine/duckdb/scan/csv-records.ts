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
  /** Its bytes, without the end of its line. */
  readonly bytes: number
  /** The byte that ends its line: LF, or CR also of CR LF; undefined at the end of the file. */
  readonly end: number | undefined
}

/** The ends of lines, and both one behind the other. */
export const CR = 13
export const LF = 10
const SPACE = 32
/** The byte order mark. */
const MARK = Buffer.from('\ufeff')

/**
 * Where a byte stands, as the engine's reader sees it:
 * - `start`: at the beginning of a value, or on the spaces there; a quote leads to `quoted`, any other byte to `plain`.
 * - `plain`: in a value without quotes; what looks like a quote is text.
 * - `quoted`: between quotes; the escape leads to `escaped`, the quote to `closed`.
 * - `escaped`: behind an escape that is not the quote itself; leads back to `quoted`.
 * - `closed`: behind a quote; a second one leads back to `quoted`, spaces stay, anything else breaks the record: `plain`.
 *
 * A delimiter and the end of a line lead to `start`, but for `quoted` and `escaped`.
 */
type State = 'start' | 'plain' | 'quoted' | 'escaped' | 'closed'

/** The records of a CSV file one after the other; a quoted value may run over several lines. A blank line is a record that is empty. */
export function readRecords(path: string, compression: Compression, dialect: Dialect): AsyncGenerator<RawRecord> {
  return splitRecords(readBytes(path, compression), dialect)
}

/** The records of a CSV text in UTF-8, as {@link readRecords} gives them. */
export async function* splitRecords(bytes: AsyncIterable<Uint8Array>, dialect: Dialect): AsyncGenerator<RawRecord> {
  const quote = dialect.quote === '' ? -1 : dialect.quote.charCodeAt(0)
  const escaper = dialect.escape === '' || dialect.escape === dialect.quote ? -1 : dialect.escape.charCodeAt(0)
  const delimiter = Buffer.from(dialect.delimiter)
  let pending: Uint8Array[] = []
  let read = 0
  let line = 1
  let begin = { line: 1, offset: 0 }
  let state: State = 'start'
  /** Bytes of the delimiter that have been seen. */
  let matched = 0
  let afterCr = false
  const take = (piece: Uint8Array, end?: number): RawRecord => {
    const whole = Buffer.concat([...pending, piece])
    pending = []
    return { ...begin, raw: withoutMark(whole.toString('utf8'), begin.offset), bytes: whole.length, end }
  }
  for await (const chunk of bytes) {
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0
      const inQuotes: boolean = state === 'quoted' || state === 'escaped'
      if (byte === LF || byte === CR) {
        const endsCrLf = afterCr && byte === LF
        afterCr = byte === CR
        if (endsCrLf) {
          if (inQuotes || from !== i) continue
          from = i + 1
          begin = { line, offset: read + from }
          continue
        }
        line++
        if (inQuotes) {
          state = 'quoted'
          continue
        }
        yield take(chunk.subarray(from, i), byte)
        from = i + 1
        begin = { line, offset: read + from }
        state = 'start'
        matched = 0
        continue
      }
      afterCr = false
      if (state === 'escaped') state = 'quoted'
      else if (state === 'quoted') {
        if (byte === escaper) state = 'escaped'
        else if (byte === quote) state = 'closed'
      } else if (byte === quote && (state === 'start' || (state === 'closed' && escaper < 0))) {
        state = 'quoted'
      } else {
        matched = byte === delimiter[matched] ? matched + 1 : byte === delimiter[0] ? 1 : 0
        if (matched > 0 && matched === delimiter.length) {
          state = 'start'
          matched = 0
        } else if (byte !== SPACE && matched === 0 && !(read === 0 && byte === MARK[i])) state = 'plain'
      }
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
