import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Encoding } from '../../engine/duckdb/scan/transcode.js'
import type { Column } from '../../sdk/relation.js'
import { toScalar } from '../yaml-scalar.js'
import { pathConfig, quoteName, type SourceNode } from './described-source.js'
import { findColumns } from './find-columns.js'
import { explainNear, findNearTypes } from './find-near-types.js'
import { guessDelimiter } from './guess-delimiter.js'
import { guessEncoding } from './guess-encoding.js'
import { guessNotation } from './guess-notation.js'
import { readSample } from './read-sample.js'
import { readSoundSample, type SoundSample } from './sound-sample.js'
import { valueKinds } from './value-kinds.js'

/** The source of a CSV file: its delimiter, encoding, notation and columns are guessed from its first rows; a file with broken rows has its faults told. */
export async function readCsvNode(file: string, cwd: string, isPacked: boolean): Promise<SourceNode> {
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

function isText({ type }: Column): boolean {
  return type === 'VARCHAR'
}
