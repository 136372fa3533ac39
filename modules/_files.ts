/** Configs and globals that all modules which read or write files have alike. */
import { type ConfigSpec, filesOf, type GlobalSpec, sql } from 'pypeline/sdk'

export const FILE_PATH = {
  type: ['path', 'list'],
  of: 'path',
  description: 'Path, list of paths, or glob. A path that exists is meant literally.',
  example: 'data/orders_*.csv',
} as const satisfies ConfigSpec

export const FILE_NAME = {
  type: 'str',
  description: "Name of a column to add with the path of each row's file.",
  example: 'source_file',
} as const satisfies ConfigSpec

export const ENCODING = {
  type: 'enum',
  values: ['utf-8', 'utf-16', 'latin-1', 'windows-1252'],
  description: 'Encoding of the text.',
  example: 'latin-1',
  default: 'utf-8',
} as const satisfies ConfigSpec

export const COMPRESSION = {
  type: 'enum',
  values: ['auto', 'none', 'gzip', 'zstd'],
  description: 'Compression; auto goes by the suffix .gz or .zst.',
  example: 'gzip',
  default: 'auto',
} as const satisfies ConfigSpec

export const MAX_REJECTS = {
  type: ['int', 'str'],
  description:
    'Bad rows, as a number or a percentage, after which the sub flow fails; counts while reject is connected. Default: no limit.',
  example: '5%',
  min: 0,
  pattern: { regex: '\\d+(\\.\\d+)?%', expected: 'a number or a percentage' },
} as const satisfies ConfigSpec

export const SOURCE_GLOBALS = {
  row_count: { type: 'int', description: 'Rows that left by data.', query: ({ outputs }) => sql`SELECT count(*) FROM ${outputs.data}` },
  file_size: {
    type: 'int',
    description: 'Bytes of all files.',
    query: ({ outputs }) => sql`SELECT sum(size) FROM ${filesOf(outputs.data)}`,
  },
  file_count: { type: 'int', description: 'Number of files.', query: ({ outputs }) => sql`SELECT count(*) FROM ${filesOf(outputs.data)}` },
} as const satisfies { readonly [name: string]: GlobalSpec }

export const REJECTED: GlobalSpec = {
  type: 'int',
  description: 'Bad rows.',
  query: ({ outputs }) => sql`SELECT count(*) FROM ${outputs.reject}`,
}

export const SINK_GLOBALS = {
  row_count: { type: 'int', description: 'Rows written.' },
  file_size: { type: 'int', description: 'Bytes written.' },
  path: { type: 'str', description: 'Path of the target.' },
} as const satisfies { readonly [name: string]: GlobalSpec }

/** The compression of a file that is written, by the config or the suffix. */
export function compressionOf(path: string, setting: 'auto' | 'none' | 'gzip' | 'zstd'): 'none' | 'gzip' | 'zstd' {
  if (setting !== 'auto') return setting
  if (/\.gz$/i.test(path)) return 'gzip'
  return /\.zst$/i.test(path) ? 'zstd' : 'none'
}
