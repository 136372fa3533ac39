import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../core/errors.js'
import { systemCodeOf } from '../core/system-code.js'

/** Writes a text into the file that an option names; folders on the way are made. Throws FILE_UNWRITABLE. */
export function writeOut(file: string, text: string): void {
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true })
    writeFileSync(file, text)
  } catch (cause) {
    throw new PypeError('FILE_UNWRITABLE', `${file} cannot be written (${systemCodeOf(cause) ?? 'unknown reason'}).`, {
      hint: 'check its rights',
      cause,
    })
  }
}
