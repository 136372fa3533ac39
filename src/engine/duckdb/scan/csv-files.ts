import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { PypeError } from '../../../core/errors.js'
import type { FormatOptions, ScanRelation } from '../../../sdk/relation.js'
import { type Compression, checkWhole, compressionOf } from './byte-stream.js'
import { type Dialect, readRecords, splitRecord } from './csv-records.js'
import { listFiles, type SourceFile } from './files.js'
import type { ReadableFile } from './readable-file.js'
import { type ScanEnvironment, textOption } from './resolved-scan.js'
import { type Encoding, transcode } from './transcode.js'

/** How the files of a csv scan are written. */
export interface CsvFormat extends Dialect {
  readonly header: boolean
  /** Lines before the header. */
  readonly skip: number
  readonly encoding: Encoding
  readonly nullText: string
  readonly compression: string
  readonly dateFormat: string | undefined
  readonly timestampFormat: string | undefined
  readonly decimal: '.' | ','
}

/** A file with its header, as the engine reads it. */
export interface CsvFile extends ReadableFile {
  readonly compression: Compression
  /** Names of the columns in the order of the file. */
  readonly header: readonly string[]
}

/** The options of a csv scan, defaults filled in. */
export function readCsvFormat(options: FormatOptions): CsvFormat {
  const quote = textOption(options, 'quote', '"')
  return {
    delimiter: textOption(options, 'delimiter', ','),
    quote,
    escape: textOption(options, 'escape', quote),
    header: options['header'] !== false,
    skip: typeof options['skip'] === 'number' ? options['skip'] : 0,
    encoding: readEncoding(textOption(options, 'encoding', 'utf-8')),
    nullText: textOption(options, 'null_text', ''),
    compression: textOption(options, 'compression', 'auto'),
    dateFormat: typeof options['date_format'] === 'string' ? options['date_format'] : undefined,
    timestampFormat: typeof options['timestamp_format'] === 'string' ? options['timestamp_format'] : undefined,
    decimal: options['decimal'] === ',' ? ',' : '.',
  }
}

function readEncoding(name: string): Encoding {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (plain === 'utf16' || plain === 'utf16le' || plain === 'utf16be') return 'utf-16'
  if (plain === 'latin1' || plain === 'iso88591') return 'latin-1'
  if (plain === 'windows1252' || plain === 'cp1252') return 'windows-1252'
  return 'utf-8'
}

/** The files of the scan with their headers, ready for the engine. */
export async function openCsvFiles(scan: ScanRelation, format: CsvFormat, environment: ScanEnvironment): Promise<CsvFile[]> {
  const files = await listFiles(environment.session, scan.paths, environment.cwd)
  const opened: CsvFile[] = []
  for (const file of files) {
    const compression = compressionOf(file.path, format.compression)
    const readable = await toUtf8File(file, compression, format, environment)
    const isCopy = readable !== file.path
    const left = { ...file, readable, compression: isCopy ? ('none' as const) : compression }
    const header = await readHeader(left, scan, format)
    await checkWhole(left.readable, left.compression)
    if (header !== undefined) opened.push({ ...left, header })
  }
  return opened
}

async function toUtf8File(file: SourceFile, compression: Compression, format: CsvFormat, environment: ScanEnvironment): Promise<string> {
  if (format.encoding === 'utf-8') return file.path
  const name = createHash('sha256').update(`${file.path}\n${format.encoding}`).digest('hex').slice(0, 16)
  const target = join(environment.scratchDir, `${name}.csv`)
  await transcode(file.path, compression, format.encoding, target)
  return target
}

/** Undefined for an empty file without a header: it has no rows. */
async function readHeader(file: Omit<CsvFile, 'header'>, scan: ScanRelation, format: CsvFormat): Promise<string[] | undefined> {
  for await (const record of readRecords(file.readable, file.compression, format)) {
    if (record.line <= format.skip) continue
    const values = splitRecord(record.raw, format)
    if (format.header) return checkHeader(values, file.path)
    if (scan.columns.kind === 'typed')
      return checkPositions(
        values.length,
        scan.columns.columns.map((column) => column.name),
        file.path,
      )
    if (scan.columns.kind === 'pick') return checkPositions(values.length, scan.columns.names, file.path)
    return values.map((_, i) => `column${i}`)
  }
  if (!format.header) return undefined
  throw new PypeError('EMPTY_FILE', `${file.path} is empty; expected a header.`, {
    hint: 'a file without rows still needs its header line; for files without headers set header: false and columns',
  })
}

function checkHeader(names: readonly string[], path: string): string[] {
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
  throw new PypeError('SCHEMA_MISMATCH', `${path} has ${found} columns, expected ${names.length}: ${names.join(', ')}.`, {
    hint: 'without a header, columns go by position: name them all',
  })
}
