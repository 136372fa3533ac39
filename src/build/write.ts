import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PypeError } from '../core/errors.js'
import { systemCodeOf } from '../core/system-code.js'

/** A file of a job folder. */
export interface JobFile {
  /** Path in the job folder. */
  readonly path: string
  /** Null: there must be no such file. */
  readonly content: Buffer | string | null
}

/** The files that are missing, differ or should not be there, in their order. */
export async function findOutdated(folder: string, files: readonly JobFile[]): Promise<readonly JobFile[]> {
  const outdated: JobFile[] = []
  for (const file of files) {
    const present = await readIfPresent(path.join(folder, file.path))
    const isCurrent = file.content === null ? present === undefined : present?.equals(Buffer.from(file.content)) === true
    if (!isCurrent) outdated.push(file)
  }
  return outdated
}

/** Writes files into a job folder so that a failure on the way leaves the older ones: all are written beside their places first, then renamed. */
export async function writeJobFiles(folder: string, files: readonly JobFile[]): Promise<void> {
  const staged: { readonly from: string; readonly to: string }[] = []
  try {
    for (const { path: name, content } of files) {
      if (content === null) continue
      const to = path.join(folder, name)
      const from = path.join(path.dirname(to), `.${path.basename(to)}.${randomUUID()}.tmp`)
      await mkdir(path.dirname(to), { recursive: true })
      staged.push({ from, to })
      await writeFile(from, content, { flush: true })
    }
    for (const { from, to } of staged) await rename(from, to)
    for (const { path: name, content } of files) if (content === null) await rm(path.join(folder, name))
  } catch (cause) {
    await Promise.all(staged.map(({ from }) => rm(from, { force: true, recursive: true })))
    const code = systemCodeOf(cause)
    if (code === 'ENOSPC')
      throw new PypeError('DISK_FULL', `No space is left for the job folder ${folder}.`, { hint: 'make room, then build again', cause })
    throw new PypeError('FILE_UNWRITABLE', `The job folder ${folder} cannot be written (${code ?? 'unknown reason'}).`, {
      hint: 'check its rights, or build to another place: `pype build FLOW --out DIR`',
      cause,
    })
  }
}

/** The content of a file, or undefined when there is none. */
export async function readIfPresent(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}
