import { existsSync } from 'node:fs'
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { messageOf, PypeError } from '../core/errors.js'
import { formatQuantity } from '../core/quantity.js'
import { systemCodeOf } from '../core/system-code.js'

/** A file that is to be made. */
export interface NewFile {
  /** Path in the folder that it is made in. */
  readonly path: string
  readonly content: string
  /** What it is for, in a few words. */
  readonly about: string
}

/**
 * Makes files that are not there yet: all of them, or none. Returns a function that takes them away again, with the folders that they needed.
 * Throws FILE_EXISTS with all that are in the way, FILE_UNWRITABLE and DISK_FULL.
 */
export async function makeFiles(folder: string, files: readonly NewFile[]): Promise<() => Promise<void>> {
  const taken = files.filter((file) => existsSync(path.join(folder, file.path)))
  if (taken.length > 0) throw inTheWay(taken.map((file) => path.join(folder, file.path)))
  const made: string[] = []
  const madeFolders: string[] = []
  const undo = async () => {
    await Promise.all(made.map((file) => rm(file, { force: true })))
    for (const each of madeFolders.toReversed()) await removeIfEmpty(each)
  }
  for (const { path: name, content } of files) {
    const file = path.join(folder, name)
    try {
      madeFolders.push(...(await makeFolders(path.dirname(file))))
      // What came in between is not overwritten either.
      await writeFile(file, content, { flag: 'wx' })
      made.push(file)
    } catch (cause) {
      // What failed in the midst of it has made the file; what another has made is theirs.
      if (!['EEXIST', 'ENOTDIR'].includes(systemCodeOf(cause) ?? '')) made.push(file)
      await undo()
      throw toMakeError(file, cause)
    }
  }
  return undo
}

/** Makes a folder and those around it; returns those that were not there, from the outside in. */
async function makeFolders(folder: string): Promise<string[]> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return []
  const inside = path.relative(first, folder)
  const names = inside === '' ? [] : inside.split(path.sep)
  return [first, ...names.map((_, depth) => path.join(first, ...names.slice(0, depth + 1)))]
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemCodeOf(error) ?? '')) throw error
  }
}

function inTheWay(files: readonly string[]): PypeError {
  const what =
    files.length === 1 ? `${files[0]} is there already` : `${formatQuantity(files.length, 'file')} are there already: ${files.join(', ')}`
  return new PypeError('FILE_EXISTS', `${what}; nothing was made.`, { hint: 'choose another name, or move what is there out of the way' })
}

function toMakeError(file: string, cause: unknown): PypeError {
  const code = systemCodeOf(cause)
  if (code === 'EEXIST') return inTheWay([file])
  if (code === 'ENOSPC') return new PypeError('DISK_FULL', `No space is left for ${file}; nothing was made.`, { hint: 'make room', cause })
  return new PypeError('FILE_UNWRITABLE', `${file} cannot be made (${code ?? messageOf(cause)}); nothing was made.`, {
    hint: code === 'ENOTDIR' ? 'a part of the path is a file, and no folder' : 'check the rights of the folder',
    cause,
  })
}
