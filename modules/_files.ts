/** What all modules that read or write files have alike. */
import { type ConfigSpec, type CopyFormat, type DataArtifact, filesOf, type GlobalSpec, type RunContext, sql } from 'pypeline/sdk'

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
  file_size: { type: 'int', description: 'Bytes written; in the mode append without the header.' },
  path: { type: 'str', description: 'Path of the target.' },
} as const satisfies { readonly [name: string]: GlobalSpec }

/** The config `output_path` of a sink that writes one file. */
export function outputPath(suffix: string) {
  return { type: 'path', description: 'Path of the file. Folders on the way are made.', example: `out/orders.${suffix}` } as const
}

/** The config `mode` of a sink that writes one file of lines. */
export const WRITE_MODE = {
  type: 'enum',
  values: ['overwrite', 'append', 'error_if_exists'],
  description: 'What to do with a file that exists.',
  example: 'append',
  default: 'overwrite',
} as const satisfies ConfigSpec

type WriteMode = 'overwrite' | 'append' | 'error_if_exists' | 'overwrite_partitions'

const STAGE_MODES = { overwrite: 'replace', error_if_exists: 'create', overwrite_partitions: 'replace-partitions' } as const

/** Stages the rows for `output_path` and publishes the globals of a sink. */
export async function writeFile(
  ctx: RunContext<{ readonly output_path: string; readonly mode: WriteMode }, keyof typeof SINK_GLOBALS>,
  input: DataArtifact,
  format: CopyFormat,
): Promise<void> {
  const { output_path, mode } = ctx.config
  const { rows, bytes } =
    mode === 'append'
      ? await appendRows(ctx, input, output_path, format)
      : await ctx.engine.copy(input, await ctx.stageFile(output_path, STAGE_MODES[mode]), format)
  ctx.setGlobal('row_count', rows)
  ctx.setGlobal('file_size', bytes)
  ctx.setGlobal('path', output_path)
}

async function appendRows(ctx: Pick<RunContext, 'engine' | 'stageFile'>, input: DataArtifact, path: string, format: CopyFormat) {
  const continuation = await ctx.engine.continueFile(input, path, format)
  return ctx.engine.copy(input, await ctx.stageFile(path, 'append', continuation.lead), continuation.format)
}

/** The compression of a file that is written, by the config or the suffix. */
export function compressionOf(path: string, setting: 'auto' | 'none' | 'gzip' | 'zstd'): 'none' | 'gzip' | 'zstd' {
  if (setting !== 'auto') return setting
  if (/\.gz$/i.test(path)) return 'gzip'
  return /\.zst$/i.test(path) ? 'zstd' : 'none'
}
