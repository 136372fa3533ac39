import { existsSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { suggestPath } from '../../core/near-path.js'
import { toScalar } from '../yaml-scalar.js'
import { readCsvNode } from './csv-source.js'
import { pathConfig, quoteName, type SourceNode } from './described-source.js'
import { findColumns } from './find-columns.js'

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
