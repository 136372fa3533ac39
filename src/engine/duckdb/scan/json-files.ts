import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PypeError } from '../../../core/errors.js'
import type { ScanRelation } from '../../../sdk/relation.js'
import { quoteText } from '../statement/literal.js'
import { type Compression, checkWhole, compressionOf, readBytes } from './byte-stream.js'
import { listFiles, pathList } from './files.js'
import type { ReadableFile } from './readable-file.js'
import { type ScanEnvironment, textOption } from './resolved-scan.js'

/** How the files of a json scan are written. */
export interface JsonFormat {
  /** One array, or one record per line. */
  readonly layout: 'array' | 'lines'
  /** `auto`, or that of all files that the engine opens. */
  readonly compression: string
}

/** A file; its copy, when it has one, is not compressed. */
export interface JsonFile extends ReadableFile {
  readonly compression: Compression
}

/** The files of the scan, ready for the engine, and how they are written. */
export async function openJsonFiles(
  scan: ScanRelation,
  environment: ScanEnvironment,
): Promise<{ readonly files: readonly JsonFile[]; readonly format: JsonFormat }> {
  const listed = await listFiles(environment.session, scan.paths, environment.cwd)
  const setting = textOption(scan.options, 'compression', 'auto')
  const found = await Promise.all(
    listed.map(async (file) => {
      const compression = compressionOf(file.path, setting)
      await checkWhole(file.path, compression)
      return { ...file, compression, isMarked: await hasMark(file.path, compression) }
    }),
  )
  // One call of the reader takes all files to be compressed in the same way, unless it may look at their names: with one copy all are copies.
  const copiesAll = setting !== 'auto' && found.some(({ isMarked }) => isMarked)
  const files = await Promise.all(
    found.map(async ({ isMarked, ...file }) => ({
      ...file,
      readable: isMarked || copiesAll ? await copyWithoutMark(file.path, file.compression, environment) : file.path,
    })),
  )
  return { files, format: { layout: await findLayout(scan, files), compression: copiesAll ? 'none' : setting } }
}

/** The first arguments of the engine's readers of JSON: the files, and how they are written. */
export function readerArguments(files: readonly JsonFile[], { layout, compression }: JsonFormat): string {
  const format = layout === 'array' ? 'array' : 'newline_delimited'
  const name = compression === 'none' ? 'uncompressed' : compression === 'auto' ? 'auto_detect' : compression
  return `${pathList(files.map((file) => file.readable))}, format = '${format}', compression = ${quoteText(name)}`
}

/** The columns of {@link readJsonRecords}. */
export const RECORD_COLUMNS = ['json', 'filename']

/** A call of the engine's reader that yields whole records as `json`, with `filename`; `lenient`: NULL for a line that is no JSON. */
export function readJsonRecords(files: readonly JsonFile[], format: JsonFormat, lenient = false): string {
  const ignore = lenient && format.layout === 'lines' ? ', ignore_errors = true' : ''
  return `read_json_objects(${readerArguments(files, format)}, filename = true${ignore})`
}

const MARK = Buffer.from('\ufeff')

async function hasMark(path: string, compression: Compression): Promise<boolean> {
  for await (const chunk of readBytes(path, compression)) return startsWithMark(chunk)
  return false
}

function startsWithMark(chunk: Uint8Array): boolean {
  return MARK.equals(chunk.subarray(0, MARK.length))
}

/** The engine takes a byte order mark for broken JSON. */
async function copyWithoutMark(path: string, compression: Compression, { scratchDir }: ScanEnvironment): Promise<string> {
  const copy = join(scratchDir, `${createHash('sha256').update(path).digest('hex').slice(0, 16)}.json`)
  await mkdir(scratchDir, { recursive: true })
  await pipeline(Readable.from(withoutMark(readBytes(path, compression))), createWriteStream(copy))
  return copy
}

async function* withoutMark(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true
  for await (const chunk of chunks) {
    yield first && startsWithMark(chunk) ? chunk.subarray(MARK.length) : chunk
    first = false
  }
}

async function findLayout(scan: ScanRelation, files: readonly JsonFile[]): Promise<JsonFormat['layout']> {
  const setting = textOption(scan.options, 'format', 'auto')
  if (setting === 'lines') return setting
  let layout: JsonFormat['layout'] | undefined = setting === 'array' ? 'array' : undefined
  for (const { path, compression } of files) {
    const start = await firstCharacter(path, compression)
    if (start === undefined) continue
    layout ??= start === '[' ? 'array' : 'lines'
    if (layout === 'array' && start !== '[') {
      throw new PypeError('BAD_ROW', `${path} begins with ${start}, expected [ and an array.`, {
        hint: 'for files with one record per line set format: lines; files of both kinds need a source each',
      })
    }
  }
  return layout ?? 'lines'
}

async function firstCharacter(path: string, compression: Compression): Promise<string | undefined> {
  for await (const chunk of readBytes(path, compression)) {
    const start = Buffer.from(chunk)
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .trimStart()
    if (start !== '') return start[0]
  }
  return undefined
}
