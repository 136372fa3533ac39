import { randomUUID } from 'node:crypto'
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PypeError } from './errors.js'
import { systemCodeOf } from './system-code.js'

/**
 * Writes a file of the user's in one step: it is written beside its place and renamed, so that a failure on the way leaves the file as it was, with its
 * rights, and nothing beside it. A link stays one; a file that is not there is made. Throws DISK_FULL and FILE_UNWRITABLE.
 */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  let staged: string | undefined
  try {
    const target = await realpath(file).catch((error: unknown) => orWhereNone(error, file))
    const mode = await stat(target).then(
      (found) => found.mode,
      (error: unknown) => orWhereNone(error, undefined),
    )
    staged = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}.tmp`)
    await writeFile(staged, content, { flush: true, ...(mode === undefined ? {} : { mode }) })
    await rename(staged, target)
  } catch (cause) {
    if (staged !== undefined) await rm(staged, { force: true })
    const code = systemCodeOf(cause)
    if (code === 'ENOSPC')
      throw new PypeError('DISK_FULL', `No space is left for ${file}.`, { hint: 'make room; the file is as it was', cause })
    throw new PypeError('FILE_UNWRITABLE', `${file} cannot be written (${code ?? 'unknown reason'}).`, {
      hint: 'check its rights, and those of its folder',
      cause,
    })
  }
}

function orWhereNone<T>(error: unknown, otherwise: T): T {
  if (systemCodeOf(error) === 'ENOENT') return otherwise
  throw error
}
