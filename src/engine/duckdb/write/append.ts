import { open } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { PypeError } from '../../../core/errors.js'
import { listShort } from '../../../core/list-short.js'
import type { Continuation, CopyFormat } from '../../../sdk/context.js'
import type { Column } from '../../../sdk/relation.js'
import { type Compression, readBytes } from '../scan/byte-stream.js'
import { readCsvFormat } from '../scan/csv-format.js'
import { type Dialect, splitRecord, splitRecords } from '../scan/csv-records.js'
import { decode, type Encoding } from '../scan/transcode.js'
import { encodeText } from './encode-text.js'
import { zstdFrame } from './zstd-frame.js'

/** How a file of lines is written, as far as it matters for what is put behind it. */
interface Lines extends Dialect {
  readonly compression: Compression
  readonly encoding: Encoding
  readonly header: boolean
}

/**
 * How the columns of a relation are put behind what `target` holds: CSV columns with the same names as the header in another order are
 * written in that of the header, and lines get the ends that those of the file have. Throws SCHEMA_MISMATCH when the rows do not go with the file.
 */
export async function continueFile(columns: readonly Column[], target: string, { format, options }: CopyFormat): Promise<Continuation> {
  const lines: Lines = { ...readCsvFormat(options), compression: toCompression(options['compression']) }
  const names = columns.map((column) => column.name)
  if (format === 'json') return { format: { format, options }, lead: (before) => leadJson(before, lines) }
  if (format !== 'csv') throw new PypeError('CONFIG_INVALID', `Rows cannot be appended to a file of the format ${format}.`)
  const before = await existing(target)
  const order = await orderOf(names, before, lines)
  const lineEnd = await lineEndOf(before, lines)
  return {
    format: { format, options: { ...options, header: false, continues: true, columns: order, line_end: lineEnd } },
    lead: (now) => leadCsv(now, { order, lineEnd }, lines),
  }
}

function toCompression(option: unknown): Compression {
  return option === 'gzip' || option === 'zstd' ? option : 'none'
}

async function existing(target: string): Promise<readonly string[]> {
  try {
    await (await open(target)).close()
    return [target]
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** The columns in the order of the header that is there. */
async function orderOf(names: readonly string[], before: readonly string[], lines: Lines): Promise<readonly string[]> {
  if (lines.encoding === 'utf-16') await checkByteOrder(before, lines)
  const header = await firstRecord(before, lines)
  if (header === undefined) return names
  if (!lines.header) {
    if (header.values.length === names.length) return names
    throw mismatch(header.file, `has ${header.values.length} columns in its first row`, names, 'append rows with as many columns')
  }
  const byName = new Map(names.map((name) => [name.toLowerCase(), name]))
  const order = header.values.flatMap((name) => byName.get(name.toLowerCase()) ?? [])
  if (order.length === names.length && header.values.length === names.length && new Set(order).size === order.length) return order
  throw mismatch(
    header.file,
    `begins with ${header.values.join(', ')}`,
    names,
    'bring the rows to the columns of the file with select_mod; for a file without a header set header: false',
  )
}

/** Rows are written with the lower byte first. */
async function checkByteOrder(before: readonly string[], { compression }: Lines): Promise<void> {
  for (const file of before) {
    for await (const [first] of readBytes(file, compression)) {
      if (first !== 0xfe && first !== 0) return
      throw new PypeError(
        'SCHEMA_MISMATCH',
        `${file} is in UTF-16 with the higher byte first, and rows are written with the lower one first.`,
        {
          hint: 'write to another file, or bring this one to utf-8',
        },
      )
    }
  }
}

function mismatch(file: string, found: string, names: readonly string[], hint: string): PypeError {
  return new PypeError('SCHEMA_MISMATCH', `${file} ${found}; the rows to append have the columns ${listShort(names)}.`, { hint })
}

/** The header, or the end of the line that the last row lacks. */
async function leadCsv(
  before: readonly string[],
  { order: names, lineEnd }: { readonly order: readonly string[]; readonly lineEnd: string },
  lines: Lines,
): Promise<Uint8Array> {
  const order = await orderOf(names, before, lines)
  if (order.some((name, i) => name !== names[i]) || (before.length > 0 && (await lineEndOf(before, lines)) !== lineEnd))
    throw mismatch(before[0] ?? '', `was written anew meanwhile, with the header ${order.join(', ')}`, names, 'run it again')
  if (await firstRecord(before, lines)) return (await endsLine(before, lines)) ? new Uint8Array() : encode(lineEnd, lines, true)
  const header = lines.header ? `${names.map((name) => quoteField(name, lines)).join(lines.delimiter)}\n` : ''
  return header === '' && lines.encoding !== 'utf-16' ? new Uint8Array() : encode(header, lines, before.length > 0)
}

async function leadJson(before: readonly string[], lines: Lines): Promise<Uint8Array> {
  for (const file of before) {
    const first = await firstCharacter(file, lines)
    if (first === '[')
      throw new PypeError('SCHEMA_MISMATCH', `${file} holds a JSON array; lines cannot be appended to it.`, {
        hint: 'append to a file with one record per line',
      })
    if (first !== undefined) break
  }
  return (await endsLine(before, lines)) ? new Uint8Array() : encode('\n', lines, true)
}

async function firstCharacter(file: string, { compression }: Lines): Promise<string | undefined> {
  for await (const chunk of readBytes(file, compression)) {
    const text = Buffer.from(chunk)
      .toString('latin1')
      .replace(/^\xef\xbb\xbf/, '')
      .trimStart()
    if (text !== '') return text[0]
  }
  return undefined
}

/** The values of the first record of some files that stand one behind the other. */
async function firstRecord(
  files: readonly string[],
  lines: Lines,
): Promise<{ readonly file: string; readonly values: readonly string[] } | undefined> {
  for (const file of files) {
    for await (const { raw } of splitRecords(textOf(file, lines), lines)) if (raw !== '') return { file, values: splitRecord(raw, lines) }
  }
  return undefined
}

/** The end of the first line; the lines of a file have one end, or it cannot be read. */
async function lineEndOf(files: readonly string[], lines: Lines): Promise<'\n' | '\r\n'> {
  let isQuoted = false
  let last = ''
  for (const file of files) {
    const decoder = new TextDecoder('utf-8')
    for await (const chunk of textOf(file, lines)) {
      for (const character of decoder.decode(chunk, { stream: true })) {
        if (character === lines.quote) isQuoted = !isQuoted
        if (character === '\n' && !isQuoted) return last === '\r' ? '\r\n' : '\n'
        last = character
      }
    }
  }
  return '\n'
}

function textOf(file: string, { compression, encoding }: Lines): AsyncGenerator<Uint8Array> {
  const bytes = readBytes(file, compression)
  return encoding === 'utf-8' ? bytes : decode(bytes, encoding)
}

const LF = 10
const CR = 13

/** True as well when there is nothing. */
async function endsLine(files: readonly string[], { compression, encoding }: Lines): Promise<boolean> {
  const width = encoding === 'utf-16' ? 2 : 1
  for (const file of [...files].reverse()) {
    const end = compression === 'none' ? await lastBytes(file, width) : await lastOf(readBytes(file, compression), width)
    if (end.length > 0) return end[0] === LF || end[0] === CR
  }
  return true
}

async function lastBytes(file: string, count: number): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, count)
    return (await handle.read(Buffer.alloc(length), 0, length, size - length)).buffer
  } finally {
    await handle.close()
  }
}

async function lastOf(bytes: AsyncIterable<Uint8Array>, count: number): Promise<Buffer> {
  let end: Buffer = Buffer.alloc(0)
  for await (const chunk of bytes) end = Buffer.concat([end, chunk.subarray(-count)]).subarray(-count)
  return end
}

async function encode(text: string, { encoding, compression }: Lines, continues: boolean): Promise<Uint8Array> {
  const bytes = encoding === 'utf-8' ? Buffer.from(text) : await encodeText(text, { name: encoding, continues })
  if (compression === 'gzip') return gzipSync(bytes)
  return compression === 'zstd' ? zstdFrame(bytes) : bytes
}

function quoteField(name: string, { delimiter, quote }: Dialect): string {
  const isPlain = name !== '' && name === name.trim() && ![delimiter, quote, '\n', '\r'].some((mark) => name.includes(mark))
  return isPlain ? name : `${quote}${name.replaceAll(quote, quote + quote)}${quote}`
}
