import { quoteText } from '../statement/literal.js'
import type { SourceFile } from './files.js'

/** A file of which the engine may read a copy: in another encoding, or without its byte order mark. */
export interface ReadableFile extends SourceFile {
  /** What the engine opens: the file itself, or the copy. */
  readonly readable: string
}

/** The paths of the files that have a copy, by the path of the copy. */
export function copiesOf(files: readonly ReadableFile[]): ReadonlyMap<string, string> {
  return new Map(files.filter(({ readable, path }) => readable !== path).map(({ readable, path }) => [readable, path]))
}

/** SQL for the path of the user's file, where `column` has the path that the engine opened. */
export function originalPath(column: string, files: readonly ReadableFile[]): string {
  const cases = [...copiesOf(files)].map(([copy, path]) => `WHEN ${quoteText(copy)} THEN ${quoteText(path)}`)
  return cases.length === 0 ? column : `CASE ${column} ${cases.join(' ')} ELSE ${column} END`
}
