import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { ScanRelation } from '../../../sdk/relation.js'
import { type Compression, compressionOf } from './byte-stream.js'
import type { CsvFormat } from './csv-format.js'
import { cutStart, readStart } from './csv-start.js'
import { listFiles, type SourceFile } from './files.js'
import { checkWholeLines } from './line-length.js'
import type { ReadableFile } from './readable-file.js'
import type { ScanEnvironment } from './resolved-scan.js'
import { transcode } from './transcode.js'

/** A file with its header, as the engine reads it. */
export interface CsvFile extends ReadableFile {
  readonly compression: Compression
  /** Names of the columns in the order of the file. */
  readonly header: readonly string[]
  /** Records of what the engine reads, blank lines among them, that stand before the first row. */
  readonly skip: number
  /** The line of the user's file that the first one of what the engine reads is, from 1. */
  readonly firstLine: number
}

/** The files of the scan with their headers, ready for the engine. */
export async function openCsvFiles(scan: ScanRelation, format: CsvFormat, environment: ScanEnvironment): Promise<CsvFile[]> {
  const files = await listFiles(environment.session, scan.paths, environment.cwd)
  const opened: CsvFile[] = []
  for (const file of files) {
    const compression = compressionOf(file.path, format.compression)
    const text = await toUtf8File(file, compression, format, environment)
    const known = text === file.path ? compression : 'none'
    const copy = copyPath(file.path, 'cut', environment)
    const isCut = await cutStart(text, known, format, copy)
    const left = { ...file, readable: isCut ? copy : text, compression: isCut ? ('none' as const) : known }
    const start = await readStart(left, scan, format, isCut ? 0 : format.skip)
    await checkWholeLines(file.path, left.readable, left.compression, scan.badRows === 'reject')
    if (start !== undefined) opened.push({ ...left, ...start, firstLine: isCut ? format.skip + 1 : 1 })
  }
  return opened
}

async function toUtf8File(file: SourceFile, compression: Compression, format: CsvFormat, environment: ScanEnvironment): Promise<string> {
  if (format.encoding === 'utf-8') return file.path
  const target = copyPath(file.path, format.encoding, environment)
  await transcode(file.path, compression, format.encoding, target)
  return target
}

function copyPath(path: string, kind: string, { scratchDir }: ScanEnvironment): string {
  return join(scratchDir, `${createHash('sha256').update(`${path}\n${kind}`).digest('hex').slice(0, 16)}.csv`)
}
