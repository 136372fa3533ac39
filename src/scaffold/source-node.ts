import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { validateFlow } from '../build/build.js'
import type { PortColumns } from '../build/columns/flow-columns.js'
import { DiagnosticsError, PypeError } from '../core/errors.js'
import { suggestPath } from '../core/near-path.js'
import type { Encoding } from '../engine/duckdb/scan/transcode.js'
import type { Column } from '../sdk/relation.js'
import { explainNear, findNearTypes, type NearType } from './find-near-types.js'
import { guessDelimiter } from './guess-delimiter.js'
import { guessEncoding } from './guess-encoding.js'
import { guessNotation } from './guess-notation.js'
import { readSample } from './read-sample.js'
import { readSoundSample, type SoundSample } from './sound-sample.js'
import { valueKinds } from './value-kinds.js'
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
  /** Columns that are texts although nearly all of their values are something else. */
  readonly nearTypes: readonly NearType[]
  /** What is wrong with the file, if anything: columns that it names twice, and broken rows. */
  readonly faults?: Pick<SoundSample, 'renamed' | 'broken' | 'seen'> | undefined
}

/** Rows that stand in the flow itself. */
export const INLINE_SOURCE: SourceNode = {
  module: 'inline_source',
  configs: ['rows:', '  - { id: 1, name: Ada }', '  - { id: 2, name: Grace }'],
  firstColumn: 'id',
  columns: undefined,
  nearTypes: [],
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

/** Whether a name is that of a file which a source reads. */
function isDataName(name: string): boolean {
  return Object.hasOwn(MODULE_OF_ENDING, path.extname(name.replace(PACKED, '')).toLowerCase())
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
    throw new PypeError('FILE_NOT_FOUND', `There is no file ${file}.`, {
      hint: suggestPath(file, cwd, isDataName, 'check the path; it starts at the current folder'),
    })
  if (module === 'csv_source') return readCsvNode(file, cwd, isPacked)
  const configs = [pathConfig(file)]
  const columns = await findColumns(module, configs, file, cwd)
  // A Parquet file has the types of its columns in itself.
  const declared =
    module === 'parquet_source'
      ? []
      : ['columns:', ...columns.map(({ name, type }) => `  ${toScalar(name)}: ${toScalar(type)}${noteOn(type)}`)]
  return {
    module,
    configs: [...configs, ...declared],
    firstColumn: quoteName(columns[0]?.name ?? ''),
    columns: columns.length,
    nearTypes: [],
  }
}

/** Whoever reads the flow may know the type that most of the values were meant to have. */
function noteOn(type: string): string {
  return type === 'JSON' ? ' # its values have no one type; with one, those that do not fit leave by the port reject' : ''
}

async function readCsvNode(file: string, cwd: string, isPacked: boolean): Promise<SourceNode> {
  const at = path.resolve(cwd, file)
  const delimiter = isPacked ? ',' : await guessDelimiter(at)
  const encoding = await guessEncoding(at)
  const dialect = delimiter === ',' ? [] : [`delimiter: ${JSON.stringify(delimiter)}`]
  const configs = [pathConfig(file), ...dialect, ...(encoding === 'utf-8' ? [] : [`encoding: ${encoding}`])]
  try {
    return await describeCsv((more) => findColumns('csv_source', [...configs, ...more], file, cwd), { at, delimiter, encoding, configs })
  } catch (error) {
    const sound = await readSoundSample(at, delimiter, encoding)
    if (sound === undefined) throw error
    return describeSound(sound, dialect, { at, delimiter, encoding, configs }, cwd)
  }
}

interface CsvFile {
  readonly at: string
  readonly delimiter: string
  readonly encoding: Encoding
  readonly configs: readonly string[]
}

/** A source that reads the columns which `find` tells, with further configs for how numbers and dates are written. */
async function describeCsv(
  find: (more: readonly string[]) => Promise<readonly Column[]>,
  { at, delimiter, encoding, configs }: CsvFile,
): Promise<SourceNode> {
  const found = await find([])
  const values = found.some(isText) ? await readSample(at, delimiter, encoding) : []
  const kinds = valueKinds(delimiter)
  const notation = guessNotation(found, values, kinds)
  const read = notation.length === 0 ? found : await find(notation)
  const isBetter = read.filter(isText).length < found.filter(isText).length
  const [columns, more] = isBetter ? [read, notation] : [found, []]
  const nearTypes = findNearTypes(columns, values, kinds, more)
  const declared = columns.map(({ name, type }) => {
    const near = nearTypes.find(({ column }) => column === name)
    return `  ${toScalar(name)}: ${toScalar(type)}${near === undefined ? '' : ` # ${explainNear(near)}`}`
  })
  return {
    module: 'csv_source',
    configs: [...configs, ...more, 'columns:', ...declared],
    firstColumn: quoteName(columns[0]?.name ?? ''),
    columns: columns.length,
    nearTypes,
  }
}

/** The columns are found in a copy without the faults; a header with a name twice is left out, and its columns go by position. */
async function describeSound(sound: SoundSample, dialect: readonly string[], file: CsvFile, cwd: string): Promise<SourceNode> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pype-new-'))
  try {
    const copy = path.join(folder, 'sound.csv')
    await writeFile(copy, sound.text)
    const header = sound.renamed.length === 0 ? [] : ['header: false', `skip: ${sound.headerLines}`]
    const source = await describeCsv((more) => findColumns('csv_source', [pathConfig(copy), ...dialect, ...more], copy, cwd), {
      at: copy,
      delimiter: file.delimiter,
      encoding: 'utf-8',
      configs: [...file.configs, ...header],
    })
    return { ...source, faults: sound }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function pathConfig(file: string): string {
  return `file_path: ${toScalar(file.replaceAll('{{', '\\{{'))}`
}

function isText({ type }: Column): boolean {
  return type === 'VARCHAR'
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
