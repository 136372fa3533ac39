import { accessSync, constants, createReadStream, createWriteStream, statSync, utimesSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { PypeError } from '../../../core/errors.js'
import { systemCodeOf } from '../../../core/system-code.js'
import { type Disk, toDiskError } from './disk.js'
import { isUnchanged, knowFile } from './file-proof.js'

const PIECE = 1024 * 1024

/** The file that a source means, symbolic links followed. Throws coded errors where there is none that can be read. */
export async function followSource(source: string, node: string): Promise<string> {
  try {
    const file = await realpath(source)
    if (statSync(file).isFile()) return file
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') throw sourceMissing(source, node)
    throw unreadable(source, node, error)
  }
  throw notAFile(source, node)
}

/** Throws FILE_UNREADABLE without the right to read a file. */
export function checkReadable(file: string, node: string): void {
  try {
    accessSync(file, constants.R_OK)
  } catch (error) {
    throw unreadable(file, node, error)
  }
}

/** Copies a file with its rights and its time of change. Throws SOURCE_CHANGED when it changes meanwhile. */
export async function copySource(source: string, staged: string, disk: Disk, node: string, signal: AbortSignal): Promise<void> {
  const known = knowFile(source)
  if (known === undefined) throw sourceMissing(source, node)
  try {
    await pipeline(createReadStream(source, { highWaterMark: PIECE }), createWriteStream(staged, { mode: 0o600, highWaterMark: PIECE }), {
      signal,
    })
  } catch (error) {
    signal.throwIfAborted()
    const code = systemCodeOf(error)
    const isOfTarget = error instanceof Error && 'path' in error && error.path === staged
    if (!isOfTarget && (code === 'EACCES' || code === 'EPERM' || code === 'EIO')) throw unreadable(source, node, error)
    throw toDiskError(staged, error)
  }
  disk.copyRights(source, staged)
  const { atimeMs, mtimeMs } = statSync(source)
  utimesSync(staged, atimeMs / 1000, mtimeMs / 1000)
  if (!isUnchanged(source, known) || statSync(staged).size !== known.size) throw sourceChanged(source, node)
}

/** There is nothing where a file was to be. */
export function sourceMissing(source: string, node: string): PypeError {
  return new PypeError('FILE_NOT_FOUND', `${source} does not exist.`, {
    node,
    hint: 'check the path; relative paths start at the folder where pype run is called',
  })
}

/** A file is not what it was when the work on it began. */
export function sourceChanged(source: string, node: string): PypeError {
  return new PypeError('SOURCE_CHANGED', `${source} has changed, or gone, while it was being worked on; nothing was moved or deleted.`, {
    node,
    hint: 'wait until nobody writes the file any more (wait_for_file on a file that the writer makes last), and run again',
  })
}

/** Something else than a file stands there. */
export function notAFile(source: string, node: string): PypeError {
  const isFolder = knowFile(source)?.kind === 'folder' || statSync(source, { throwIfNoEntry: false })?.isDirectory()
  return new PypeError('FILE_UNREADABLE', `${source} is ${isFolder ? 'a folder' : 'no ordinary file'}, expected a file.`, {
    node,
    hint: isFolder ? `to take all files in it: ${source.replace(/\/$/, '')}/*` : 'only ordinary files can be copied and moved',
  })
}

function unreadable(source: string, node: string, cause: unknown): PypeError {
  return new PypeError('FILE_UNREADABLE', `${source} cannot be read.`, {
    node,
    cause,
    hint: 'check the rights of the file and of its folders',
  })
}
