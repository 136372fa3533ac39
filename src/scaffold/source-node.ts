import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { validateFlow } from '../build/build.js'
import type { PortColumns } from '../build/columns/flow-columns.js'
import { DiagnosticsError, PypeError } from '../core/errors.js'
import type { Column } from '../sdk/relation.js'
import { guessDelimiter } from './guess-delimiter.js'
import { toScalar } from './yaml-scalar.js'

/** The source of a new flow. */
export interface SourceNode {
  readonly module: string
  /** Lines of its configs in YAML. */
  readonly configs: readonly string[]
  /** As SQL names it. */
  readonly firstColumn: string
  /** How many were found in the file that it reads. */
  readonly columns: number | undefined
}

/** Rows that stand in the flow itself. */
export const INLINE_SOURCE: SourceNode = {
  module: 'inline_source',
  configs: ['rows:', '  - { id: 1, name: Ada }', '  - { id: 2, name: Grace }'],
  firstColumn: 'id',
  columns: undefined,
}

const MODULE_OF_ENDING: { readonly [ending: string]: string } = {
  '.csv': 'csv_source',
  '.tsv': 'csv_source',
  '.txt': 'csv_source',
  '.json': 'json_source',
  '.jsonl': 'json_source',
  '.ndjson': 'json_source',
  '.parquet': 'parquet_source',
}

const PACKED = /\.(gz|zst)$/i

/**
 * A source that reads a file, with the columns that are found in it, so that another file is read in the same way.
 * `file` is as the flow is to name it. Throws USAGE for a file of another kind, and what is wrong with one that cannot be read.
 */
export async function readSourceNode(file: string, cwd: string): Promise<SourceNode> {
  const isPacked = PACKED.test(file)
  const ending = path.extname(file.replace(PACKED, '')).toLowerCase()
  const module = MODULE_OF_ENDING[ending]
  if (module === undefined) {
    throw new PypeError('USAGE', `No source is known for ${file}.`, {
      hint: `files end with ${Object.keys(MODULE_OF_ENDING).join(', ')}, packed ones with .gz or .zst behind that; \`pype list-modules\` shows all sources`,
    })
  }
  if (!existsSync(path.resolve(cwd, file)))
    throw new PypeError('FILE_NOT_FOUND', `There is no file ${file}.`, { hint: 'check the path; it starts at the current folder' })
  const delimiter = module === 'csv_source' && !isPacked ? await guessDelimiter(path.resolve(cwd, file)) : ','
  const configs = [
    `file_path: ${toScalar(file.replaceAll('{{', '\\{{'))}`,
    ...(delimiter === ',' ? [] : [`delimiter: ${JSON.stringify(delimiter)}`]),
  ]
  const found = await findColumns(module, configs, file, cwd)
  const { columns, more } = module === 'csv_source' ? await readAsWritten(configs, found, file, cwd) : { columns: found, more: [] }
  // A Parquet file has the types of its columns in itself.
  const declared =
    module === 'parquet_source' ? [] : ['columns:', ...columns.map(({ name, type }) => `  ${toScalar(name)}: ${toScalar(type)}`)]
  return { module, configs: [...configs, ...more, ...declared], firstColumn: quoteName(columns[0]?.name ?? ''), columns: columns.length }
}

/** How numbers and dates are written in many countries, where a comma separates no values. Days and months with slashes can be meant either way. */
const OTHER_NOTATIONS: readonly string[] = ['decimal: ","', 'date_format: "%d.%m.%Y"']

/** The configs, and the columns that come of them, by which fewer columns are nothing but text. */
async function readAsWritten(configs: readonly string[], found: readonly Column[], file: string, cwd: string) {
  const more: string[] = []
  let columns = found
  for (const notation of configs.some((line) => line.startsWith('delimiter: ')) ? OTHER_NOTATIONS : OTHER_NOTATIONS.slice(1)) {
    const read = await findColumns('csv_source', [...configs, ...more, notation], file, cwd)
    if (countTexts(read) >= countTexts(columns)) continue
    more.push(notation)
    columns = read
  }
  return { columns, more }
}

function countTexts(columns: readonly Column[]): number {
  return columns.filter(({ type }) => type === 'VARCHAR').length
}

/** Asks the build what it finds in the file, by a flow that has nothing but the source and a sink. */
async function findColumns(module: string, configs: readonly string[], file: string, cwd: string): Promise<readonly Column[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pype-new-'))
  try {
    const flow = path.join(folder, 'probe.yaml')
    await writeFile(flow, formatProbe(module, configs))
    const { columns } = await validateFlow(flow, { columns: { cwd, allPorts: true } })
    const found = [...(columns ?? [])].find(([node]) => node.flow.id === 'rows')?.[1].get('data')
    return columnsOf(found, file)
  } catch (error) {
    const [first] = error instanceof DiagnosticsError ? error.diagnostics : []
    throw first === undefined ? error : new PypeError(first.code, first.message, { hint: first.hint, cause: error })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function columnsOf(found: PortColumns | undefined, file: string): readonly Column[] {
  if (found?.kind === 'known' && found.columns.length > 0) return found.columns
  const reason = found?.kind === 'unknown' ? found.reason : 'none are found in it'
  throw new PypeError('FILE_UNREADABLE', `The columns of ${file} are not known: ${reason}.`, {
    hint: 'mend the file, or make the flow without --from and write its source by hand: `pype list-modules` shows them',
  })
}

function formatProbe(module: string, configs: readonly string[]): string {
  return `flow: { name: probe, version: 1.0.0, authors: [pype], created: "2026-01-01" }
modules:
  - id: rows
    name: ${module}
    configs:
${configs.map((line) => `      ${line}\n`).join('')}  - { id: result, name: log_sink }
connections: { data: [rows.data - result.input], control: [] }
`
}

/** Always in quotes: a column may well be called like a word of SQL. */
function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
