import { type BigIntStats, lstatSync } from 'node:fs'
import { toDiskError } from './disk.js'

/**
 * What tells a file of the user's from another one that came to its path: a rename keeps both, whoever writes changes them (rsync
 * goes by the same two). A hash would mean to read what is only renamed.
 */
export interface FileProof {
  /** Bytes. */
  readonly size: number
  /** Time of the last change, in nanoseconds since 1970, as text. */
  readonly modified: string
}

/** What is known of a file while the process lives. */
export interface KnownFile extends FileProof {
  readonly kind: 'file' | 'link' | 'folder' | 'other'
  readonly device: bigint
  readonly inode: bigint
  /** Names that the file has. */
  readonly links: bigint
}

/** What stands at a path, links not followed; undefined when nothing does. */
export function knowFile(path: string): KnownFile | undefined {
  const stat = statOf(path)
  if (stat === undefined) return undefined
  return {
    kind: stat.isFile() ? 'file' : stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'folder' : 'other',
    size: Number(stat.size),
    modified: String(stat.mtimeNs),
    device: stat.dev,
    inode: stat.ino,
    links: stat.nlink,
  }
}

/** Whether what stands at a path is what the proof was taken of. */
export function isProven(path: string, proof: FileProof): boolean {
  const found = knowFile(path)
  return found !== undefined && found.size === proof.size && found.modified === proof.modified
}

/** Whether a path still has the very file that was seen there. */
export function isUnchanged(path: string, known: KnownFile): boolean {
  const found = knowFile(path)
  return found !== undefined && isSameFile(found, known) && found.size === known.size && found.modified === known.modified
}

/** Whether two paths, or the same one at two times, were found to be one file. */
export function isSameFile(a: KnownFile, b: KnownFile): boolean {
  return a.device === b.device && a.inode === b.inode
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    throw toDiskError(path, error)
  }
}
