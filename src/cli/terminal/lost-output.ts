import { PypeError } from '../../core/errors.js'
import { systemCodeOf } from '../../core/system-code.js'

/** Nobody reads any more (`pype list-modules | head -1`), or the terminal is gone. That is no failure. */
const NOBODY_READS = ['EPIPE', 'EIO']

/**
 * Hears what goes wrong with the output of the process, which must never cut off a run that is going on. The returned function tells what stdout
 * has lost, once all is written: the first fault, as where the disk of the file behind it is full. What stderr loses can be told to nobody.
 */
export function watchOutput(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): () => Promise<PypeError | undefined> {
  let fault: unknown
  stdout.on('error', (error) => {
    fault ??= error
  })
  stderr.on('error', () => {})
  return async () => {
    // A stream tells of a fault in a tick of its own.
    await new Promise((resolve) => setImmediate(resolve))
    const code = systemCodeOf(fault)
    if (fault === undefined || (code !== undefined && NOBODY_READS.includes(code))) return undefined
    return new PypeError('FILE_UNWRITABLE', `The standard output cannot be written (${code ?? 'unknown reason'}): part of it is lost.`, {
      hint: 'what the command has done to files and databases stays done; look at it before you call the command again',
      cause: fault,
    })
  }
}
