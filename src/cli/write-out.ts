import { lstatSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../core/errors.js'
import { replaceFile } from '../core/replace-file.js'
import { systemCodeOf } from '../core/system-code.js'

/** Writes a text into the file that an option names; folders on the way are made. Throws FILE_UNWRITABLE and DISK_FULL. */
export async function writeOut(file: string, text: string): Promise<void> {
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true })
    if (isFileOrNothing(file)) await replaceFile(file, text)
    else writeFileSync(file, text)
  } catch (cause) {
    throw cause instanceof PypeError ? cause : toUnwritable(file, cause)
  }
}

/** A device or a pipe is written as it is: to rename something to it would take its place. */
function isFileOrNothing(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() !== false
}

/** Removes what an earlier call has written into such a file; a device or a pipe stays. Throws FILE_UNWRITABLE. */
export function removeOut(file: string): void {
  try {
    if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === true) rmSync(file)
  } catch (cause) {
    throw toUnwritable(file, cause)
  }
}

function toUnwritable(file: string, cause: unknown): PypeError {
  return new PypeError('FILE_UNWRITABLE', `${file} cannot be written (${systemCodeOf(cause) ?? 'unknown reason'}).`, {
    hint: 'check its rights',
    cause,
  })
}
