import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { PypeError } from '../../core/errors.js'
import type { CopyFormat } from '../../sdk/context.js'
import type { Column, FormatOptions } from '../../sdk/relation.js'
import { literal, quoteName, quoteText } from './literal.js'
import { exportColumns } from './parquet-types.js'

/** The columns and the clause of a COPY statement that writes `format`. */
export interface CopyClause {
  readonly columns: string
  readonly options: string
  /** What has to be done with the written file: its text in another encoding. */
  readonly finish: ((path: string) => Promise<void>) | undefined
}

/** How a COPY statement writes columns in a format. */
export function copyClause({ format, options }: CopyFormat, columns: readonly Column[]): CopyClause {
  if (format === 'csv') return csvClause(options, columns)
  if (format === 'json') return jsonClause(options, columns)
  return parquetClause(options, columns)
}

function csvClause(options: FormatOptions, columns: readonly Column[]): CopyClause {
  const encoding = String(options['encoding'] ?? 'utf-8').toLowerCase()
  const compression = String(options['compression'] ?? 'none')
  const recode = encoding !== 'utf-8' && encoding !== 'utf8'
  if (recode && compression === 'zstd') {
    throw new PypeError('CONFIG_INVALID', `A file cannot be written in ${encoding} and compressed with zstd.`, {
      hint: 'use gzip, or the encoding utf-8',
    })
  }
  const clause = [
    'FORMAT csv',
    `HEADER ${options['header'] !== false}`,
    `DELIMITER ${quoteText(String(options['delimiter'] ?? ','))}`,
    `QUOTE ${quoteText(String(options['quote'] ?? '"'))}`,
    // Else the engine puts a " before other quotes.
    `ESCAPE ${quoteText(String(options['quote'] ?? '"'))}`,
    `NULLSTR ${quoteText(String(options['null_text'] ?? ''))}`,
    `COMPRESSION ${recode ? 'none' : compression}`,
  ]
  if (typeof options['date_format'] === 'string') clause.push(`DATEFORMAT ${quoteText(options['date_format'])}`)
  if (typeof options['timestamp_format'] === 'string') clause.push(`TIMESTAMPFORMAT ${quoteText(options['timestamp_format'])}`)
  return {
    columns: columns.map((column) => quoteName(column.name)).join(', '),
    options: clause.join(', '),
    finish: recode
      ? (path) => encodeFile(path, encoding, { gzip: compression === 'gzip', continues: options['continues'] === true })
      : undefined,
  }
}

function jsonClause(options: FormatOptions, columns: readonly Column[]): CopyClause {
  return {
    columns: columns.map((column) => quoteName(column.name)).join(', '),
    options: `FORMAT json, ARRAY ${options['array'] === true}, COMPRESSION ${String(options['compression'] ?? 'none')}`,
    finish: undefined,
  }
}

function parquetClause(options: FormatOptions, columns: readonly Column[]): CopyClause {
  const compression = String(options['compression'] ?? 'snappy')
  const clause = ['FORMAT parquet', `COMPRESSION ${compression === 'none' ? 'uncompressed' : compression}`]
  if (typeof options['row_group_size'] === 'number') clause.push(`ROW_GROUP_SIZE ${options['row_group_size']}`)
  const partitions = options['partition_by']
  if (Array.isArray(partitions) && partitions.length > 0)
    clause.push(`PARTITION_BY (${partitions.map((name) => quoteName(String(name))).join(', ')})`)
  return { columns: exportColumns(columns), options: clause.join(', '), finish: undefined }
}

/** Writes a UTF-8 file anew in another encoding. A character that the encoding lacks is an error: nothing is replaced. */
async function encodeFile(path: string, encoding: string, { gzip, continues }: { gzip: boolean; continues: boolean }): Promise<void> {
  const { default: iconv } = await import('iconv-lite')
  // A byte order mark stands at the beginning only.
  const name = encoding.startsWith('utf-16') ? (continues ? 'utf-16le' : 'utf-16') : encoding === 'latin-1' ? 'iso-8859-1' : encoding
  const target = `${path}.encoded`
  const encoder = iconv.getEncoder(name)
  const decode = new TextDecoder('utf-8')
  const recode = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = decode.decode(chunk, { stream: true })
      const bytes = encoder.write(text)
      const lost = name.startsWith('utf') ? undefined : firstLost(text, iconv.decode(Buffer.from(bytes), name))
      done(
        lost === undefined
          ? null
          : new PypeError('BAD_ROW', `The character ${literal(lost)} does not exist in the encoding ${encoding}.`, {
              hint: 'write the file as utf-8',
            }),
        bytes,
      )
    },
    flush(done) {
      done(null, encoder.end())
    },
  })
  const source = createReadStream(path)
  if (gzip) await pipeline(source, recode, createGzip(), createWriteStream(target))
  else await pipeline(source, recode, createWriteStream(target))
  await pipeline(createReadStream(target), createWriteStream(path))
  await rm(target)
}

function firstLost(text: string, again: string): string | undefined {
  if (text === again) return undefined
  const characters = [...text]
  const back = [...again]
  return characters.find((character, i) => character !== back[i])
}

/** Bytes of a file, or of all files of a folder. */
export async function sizeOnDisk(path: string): Promise<number> {
  const found = await stat(path)
  if (!found.isDirectory()) return found.size
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
