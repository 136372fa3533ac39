import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { messageOf, PypeError } from '../../core/errors.js'

/** Held until it is released or the process ends, in whatever way. */
export interface FolderLock {
  release(): void
}

const LOCK_FILE = '.lock.duckdb'
/** The kernel lets one process open the file twice; within this process the lock is held by this. */
const held = new Set<string>()

/**
 * Locks a folder for this process by a database file in it that is open for writing: the kernel keeps others out and
 * frees it when the process ends. Throws RUN_BUSY when it is held.
 */
export async function acquireFolderLock(folder: string): Promise<FolderLock> {
  const file = path.join(folder, LOCK_FILE)
  if (held.has(file)) throw busy(folder)
  held.add(file)
  try {
    mkdirSync(folder, { recursive: true })
    const instance = await DuckDBInstance.create(file, {
      threads: '1',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    return {
      release: () => {
        instance.closeSync()
        held.delete(file)
      },
    }
  } catch (error) {
    held.delete(file)
    throw toLockError(error, folder, file)
  }
}

function toLockError(error: unknown, folder: string, file: string): PypeError {
  const message = messageOf(error)
  if (/lock/i.test(message) && !/not a valid/i.test(message)) return busy(folder, error)
  if (/not a valid|corrupt|version/i.test(message)) {
    return new PypeError('FILE_CORRUPT', `The lock file ${file} is damaged.`, {
      hint: `when no run of the job is going on, remove it: rm ${file}*`,
      cause: error,
    })
  }
  return new PypeError('FILE_UNWRITABLE', `The runs folder ${folder} cannot be written: ${message.split('\n', 1)[0]}`, {
    hint: 'check its rights, or choose another one with --runs DIR',
    cause: error,
  })
}

function busy(folder: string, cause?: unknown): PypeError {
  return new PypeError('RUN_BUSY', `Another run of this job is going on (it holds ${folder}).`, {
    hint: 'wait for its end, or cancel it',
    cause,
  })
}
