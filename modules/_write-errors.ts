/** What the system says when something cannot be written, in the codes of the docs. */
import { PypeError } from 'pypeline/sdk'

/** A coded error for what a stream to `path` threw; anything that is no error of the system stays what it is. */
export function toWriteError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (error instanceof PypeError || typeof code !== 'string') return error
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new PypeError('DISK_FULL', `No space is left for ${path}.`, { cause: error, hint: 'free some space, or write to another disk' })
  }
  return new PypeError('FILE_UNWRITABLE', `${path} cannot be written (${code}).`, {
    cause: error,
    hint: 'check the rights of its folder, and whether the name is too long',
  })
}
