import { createHash } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FolderLock, tryFolderLock } from '../../../engine/duckdb/folder-lock.js'
import { KeyedLock } from './keyed-lock.js'

/** Runs in one process meet here: a backfill, and jobs inside of jobs. */
const inProcess = new KeyedLock()

const FIRST_WAIT = 5
const LONGEST_WAIT = 250

/**
 * Holds files while `work` runs: `appended` are those whose length is read before something is added to their end, so that nobody else
 * may change them in between, and `moved` those that go elsewhere. From `appended` the kernel keeps other processes of the user
 * out, by a lock file for each of them in the system's folder for temporary files.
 */
export function holdTargets<T>(appended: readonly string[], moved: readonly string[], work: () => Promise<T>): Promise<T> {
  return inProcess.hold([...appended, ...moved], async () => {
    const locks: FolderLock[] = []
    try {
      // In one order everywhere, so that two holders cannot wait for each other.
      for (const target of [...new Set(appended)].sort()) locks.push(await takeLock(target))
      return await work()
    } finally {
      for (const lock of locks) await lock.release()
    }
  })
}

async function takeLock(target: string): Promise<FolderLock> {
  const folder = path.join(tmpdir(), `pype-locks-${userInfo().uid}`)
  const file = `${createHash('sha256').update(target).digest('hex').slice(0, 32)}.duckdb`
  for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    const lock = await tryFolderLock(folder, file)
    if (lock !== undefined) return lock
    await sleep(wait)
  }
}
