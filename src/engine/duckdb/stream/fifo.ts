import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { messageOf, PypeError } from '../../../core/errors.js'
import { systemCodeOf } from '../../../core/system-code.js'

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

/**
 * Makes named pipes in a folder and returns their paths; the caller deletes them. Node has no call for it. Throws FILE_UNWRITABLE.
 */
export async function makeFifos(folder: string, count: number): Promise<string[]> {
  const paths = Array.from({ length: count }, () => join(folder, `${randomUUID()}.fifo`))
  await mkdir(folder, { recursive: true })
  try {
    // Whoever may read the folder must not read the rows.
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths])
  } catch (error) {
    throw new PypeError('FILE_UNWRITABLE', `A named pipe could not be made in ${folder}: ${messageOf(error)}`, {
      cause: error,
      hint: 'set settings.spill_dir to a folder on a disk that can hold named pipes',
    })
  }
  return paths
}

/**
 * The writing end of a pipe, as a stream that holds no thread; undefined as long as nobody has opened the other end. A descriptor that
 * is open at once would be for reading too, and would never break when the reader has gone.
 */
export function openWritingEnd(path: string): Socket | undefined {
  try {
    return new Socket({ fd: openSync(path, O_WRONLY | O_NONBLOCK), readable: false, writable: true })
  } catch (error) {
    if (systemCodeOf(error) === 'ENXIO') return undefined
    throw error
  }
}

/** The reading end of a pipe, which ends only when `release` was called and nobody else holds the writing end. */
export function openReadingEnd(path: string): { readonly bytes: Socket; release(): void } {
  const reading = openSync(path, O_RDONLY | O_NONBLOCK)
  const holding = openSync(path, O_WRONLY | O_NONBLOCK)
  let isHeld = true
  return {
    bytes: new Socket({ fd: reading, readable: true, writable: false }),
    release: () => {
      if (isHeld) closeSync(holding)
      isHeld = false
    },
  }
}

/** How often somebody who waits in the opening of a pipe is woken, in milliseconds. */
const WAKE_EVERY_MS = 5

/** Wakes whoever waits in the opening of the writing end for somebody to read, until `isOver`: it then finds that nobody does. */
export async function wakeWriter(path: string, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const reading = openSync(path, O_RDONLY | O_NONBLOCK)
    await delay(WAKE_EVERY_MS)
    closeSync(reading)
  }
}
