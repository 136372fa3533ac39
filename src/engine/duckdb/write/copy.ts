import { statSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PypeError } from '../../../core/errors.js'
import type { Json } from '../../../core/json.js'
import type { CopyFormat } from '../../../sdk/context.js'
import type { Column, FormatOptions } from '../../../sdk/relation.js'
import { NOT_IN_JSON } from '../failure/explain-values.js'
import { quoteName, quoteText } from '../statement/literal.js'
import type { TextEncoding } from './encode-text.js'
import { exportColumns } from './parquet-types.js'
import { partitionText } from './partition-values.js'

/** The columns and the clause of a COPY statement that writes `format`. */
export interface CopyClause {
  readonly columns: string
  readonly options: string
  /** The encoding that the written file is brought to: the engine writes UTF-8 only. */
  readonly encoding: TextEncoding | undefined
  /** It writes a folder of folders, one per partition. */
  readonly isPartitioned: boolean
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
  const endsCrLf = options['line_end'] === '\r\n'
  const recode = (encoding !== 'utf-8' && encoding !== 'utf8') || endsCrLf
  if (recode && compression === 'zstd') {
    throw new PypeError(
      'CONFIG_INVALID',
      `A file cannot be written in ${encoding}${endsCrLf ? ' with the line ends CR LF' : ''} and compressed with zstd.`,
      {
        hint: 'use gzip, or the encoding utf-8',
      },
    )
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
    columns: inOrder(options['columns'], columns).map(quoteName).join(', '),
    options: clause.join(', '),
    encoding: recode
      ? {
          name: encoding,
          gzip: compression === 'gzip',
          continues: options['continues'] === true,
          crLfOutside: endsCrLf ? String(options['quote'] ?? '"') : undefined,
        }
      : undefined,
    isPartitioned: false,
  }
}

/** The names of the columns, in the order that `wanted` gives when it is a list. */
function inOrder(wanted: Json | undefined, columns: readonly Column[]): string[] {
  return Array.isArray(wanted) ? wanted.map(String) : columns.map((column) => column.name)
}

function jsonClause(options: FormatOptions, columns: readonly Column[]): CopyClause {
  return {
    columns: columns.map(jsonValue).join(', '),
    options: `FORMAT json, ARRAY ${options['array'] === true}, COMPRESSION ${String(options['compression'] ?? 'none')}`,
    encoding: undefined,
    isPartitioned: false,
  }
}

/** JSON has no words for the numbers that are not finite; the engine would write some that no reader takes. */
function jsonValue({ name, type }: Column): string {
  const column = quoteName(name)
  if (type !== 'DOUBLE' && type !== 'FLOAT') return column
  const failure = `error(concat(${quoteText(`${NOT_IN_JSON}Column "${name}": `)}, CAST(${column} AS VARCHAR)))`
  return `CASE WHEN ${column} IS NULL OR isfinite(${column}) THEN ${column} ELSE ${failure} END AS ${column}`
}

function parquetClause(options: FormatOptions, columns: readonly Column[]): CopyClause {
  const compression = String(options['compression'] ?? 'snappy')
  const clause = ['FORMAT parquet', `COMPRESSION ${compression === 'none' ? 'uncompressed' : compression}`]
  if (typeof options['row_group_size'] === 'number') clause.push(`ROW_GROUP_SIZE ${options['row_group_size']}`)
  const partitions = options['partition_by']
  const isPartitioned = Array.isArray(partitions) && partitions.length > 0
  if (isPartitioned) clause.push(`PARTITION_BY (${partitions.map((name) => quoteName(String(name))).join(', ')})`)
  const isText = ({ name, type }: Column) => type === 'VARCHAR' && Array.isArray(partitions) && partitions.includes(name)
  const items = columns.map((column) => (isText(column) ? partitionText(column) : exportColumns([column])))
  return { columns: items.join(', '), options: clause.join(', '), encoding: undefined, isPartitioned }
}

/** Bytes of a file, or of all files of a folder. */
export async function sizeOnDisk(path: string): Promise<number> {
  const found = statSync(path)
  if (!found.isDirectory()) return found.size
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
