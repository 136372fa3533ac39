import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { PypeError } from '../../../core/errors.js'
import { systemCodeOf } from '../../../core/system-code.js'
import type { Session } from '../session.js'
import { literal, quoteText } from '../statement/literal.js'

/** A file that a scan reads. */
export interface SourceFile {
  /** Absolute, as the user knows it. */
  readonly path: string
  /** Bytes. */
  readonly size: number
}

/** The files that paths and globs mean, each once, in order; a path that exists is meant literally. */
export async function listFiles(session: Session, paths: readonly string[], cwd: string): Promise<SourceFile[]> {
  const found = new Map<string, SourceFile>()
  for (const path of paths) {
    for (const file of await expandPath(session, path, cwd)) found.set(file.path, file)
  }
  return [...found.values()]
}

async function expandPath(session: Session, path: string, cwd: string): Promise<SourceFile[]> {
  if (path === '') throw new PypeError('FILE_NOT_FOUND', 'The path is empty.', { hint: 'name a file or a glob' })
  const absolute = resolve(cwd, path)
  const literalFile = await statOrUndefined(absolute)
  if (literalFile?.isDirectory()) {
    throw new PypeError('FILE_UNREADABLE', `${absolute} is a folder, expected a file.`, {
      hint: `to read all files in it: ${path.replace(/\/$/, '')}/*`,
    })
  }
  if (literalFile !== undefined) return [await readableFile(absolute, literalFile.size)]
  if (!/[*?[]/.test(path)) {
    throw new PypeError('FILE_NOT_FOUND', `${absolute} does not exist.`, {
      hint: 'check the path; relative paths start at the folder where pype run is called',
    })
  }
  const files = await glob(session, absolute)
  if (files.length === 0) {
    throw new PypeError('FILE_NOT_FOUND', `The glob ${absolute} matches no file.`, {
      hint: 'check the path; relative paths start at the folder where pype run is called',
    })
  }
  return Promise.all(files.map(async (file) => readableFile(file, (await stat(file)).size)))
}

/** Hidden files are left out unless the pattern itself begins with a dot: staged output of other runs is hidden. */
async function glob(session: Session, pattern: string): Promise<string[]> {
  const result = await session.run(`SELECT file FROM glob(${quoteText(pattern)}) ORDER BY file`)
  const files = (await result.getRows()).map((row) => String(row[0]))
  const hidden = basename(pattern).startsWith('.')
  return hidden ? files : files.filter((file) => !basename(file).startsWith('.'))
}

async function readableFile(path: string, size: number): Promise<SourceFile> {
  try {
    await access(path, constants.R_OK)
  } catch (cause) {
    throw new PypeError('FILE_UNREADABLE', `${path} cannot be read.`, { cause, hint: 'check the rights of the file and of its folders' })
  }
  return { path, size }
}

async function statOrUndefined(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined
    throw new PypeError('FILE_UNREADABLE', `${path} cannot be read.`, {
      cause: error,
      hint: 'check the rights of the file and of its folders',
    })
  }
}

/** Paths for an engine function that would take `*`, `?` and `[` in them for a glob. */
export function pathList(paths: readonly string[]): string {
  return literal(paths.map((path) => path.replace(/[*?[]/g, '[$&]')))
}
