import { toScalar } from '../yaml-scalar.js'
import type { NearType } from './find-near-types.js'
import type { SoundSample } from './sound-sample.js'

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

/** The config that names the file of a source. */
export function pathConfig(file: string): string {
  return `file_path: ${toScalar(file.replaceAll('{{', '\\{{'))}`
}

/** A column for SQL, always in quotes: it may well be called like a word of SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
