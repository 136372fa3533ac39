import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PypeError } from '../../../core/errors.js'
import { listShort } from '../../../core/list-short.js'
import type { ScanRelation } from '../../../sdk/relation.js'
import { type Compression, readBytes } from './byte-stream.js'
import type { CsvFormat } from './csv-format.js'
import { readRecords, splitRecord } from './csv-records.js'

/** Lines as they are: no character of theirs quotes or separates. */
const UNQUOTED = { delimiter: '', quote: '', escape: '' }

/** What stands before the first row of a file, and the columns that it has. */
export interface CsvStart {
  readonly header: readonly string[]
  /** Records, blank lines among them, before the first row. */
  readonly skip: number
}

/**
 * The engine would take a quote in the lines that are skipped for the beginning of a value: it then gets a copy at `target` that begins
 * behind them. Returns whether there is one.
 */
export async function cutStart(path: string, compression: Compression, format: CsvFormat, target: string): Promise<boolean> {
  if (format.skip === 0 || format.quote === '') return false
  const start = await findStart(path, compression, format)
  if (start === undefined) return false
  await mkdir(dirname(target), { recursive: true })
  await pipeline(Readable.from(bytesFrom(path, compression, start)), createWriteStream(target))
  return true
}

/** The byte behind the lines to skip, when there is a quote in them. */
async function findStart(path: string, compression: Compression, format: CsvFormat): Promise<number | undefined> {
  let lines = 0
  let quoted = false
  for await (const { offset, raw } of readRecords(path, compression, UNQUOTED)) {
    if (lines === format.skip) return quoted ? offset : undefined
    lines++
    quoted ||= raw.includes(format.quote)
  }
  return quoted ? Number.POSITIVE_INFINITY : undefined
}

async function* bytesFrom(path: string, compression: Compression, start: number): AsyncGenerator<Uint8Array> {
  let read = 0
  for await (const chunk of readBytes(path, compression)) {
    if (read + chunk.length > start) yield chunk.subarray(Math.max(0, start - read))
    read += chunk.length
  }
}

/** Reads up to the header of what the engine is to read; `skip` lines stand before it. Undefined for a file without a header and rows. */
export async function readStart(
  file: { readonly path: string; readonly readable: string; readonly compression: Compression },
  scan: ScanRelation,
  format: CsvFormat,
  skip: number,
): Promise<CsvStart | undefined> {
  let records = 0
  for await (const { raw } of readRecords(file.readable, file.compression, format)) {
    records++
    // The engine counts a blank line before the header, too.
    if (records <= skip || raw === '') continue
    const values = splitRecord(raw, format)
    if (format.header) return { header: checkHeader(values, file.path), skip: records }
    return { header: namesByPosition(values, scan, file.path), skip }
  }
  if (!format.header) return undefined
  throw new PypeError('EMPTY_FILE', `${file.path} is empty; expected a header.`, {
    hint: 'a file without rows still needs its header line; for files without headers set header: false and columns',
  })
}

function namesByPosition(values: readonly string[], { columns }: ScanRelation, path: string): readonly string[] {
  if (columns.kind === 'all') return values.map((_, i) => `column${i}`)
  return checkPositions(values.length, columns.kind === 'pick' ? columns.names : columns.columns.map(({ name }) => name), path)
}

function checkHeader(names: readonly string[], path: string): string[] {
  // What is not valid has become U+FFFD.
  const broken = names.find((name) => name.includes('\ufffd'))
  if (broken !== undefined) {
    throw new PypeError('BAD_ROW', `The header of ${path} is not valid in the encoding of the file: "${broken}".`, {
      hint: 'set the config encoding to that of the file',
    })
  }
  const header = names.map((name, i) => (name.trim() === '' ? `column${i}` : name))
  const seen = new Set<string>()
  for (const name of header) {
    if (seen.has(name.toLowerCase())) {
      throw new PypeError('SCHEMA_MISMATCH', `The header of ${path} has the column "${name}" twice.`, {
        hint: 'set header: false, skip: 1 and name the columns in columns',
      })
    }
    seen.add(name.toLowerCase())
  }
  return header
}

function checkPositions(found: number, names: readonly string[], path: string): string[] {
  if (found === names.length) return [...names]
  throw new PypeError('SCHEMA_MISMATCH', `${path} has ${found} columns, expected ${names.length}: ${listShort(names)}.`, {
    hint: 'without a header, columns go by position: name them all',
  })
}
