import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, realpathSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { messageOf, PypeError } from '../../core/errors.js'
import { systemCodeOf } from '../../core/system-code.js'
import { duckdb } from './duckdb.js'

/** Held until it is released or the process ends, in whatever way. To release it once more does nothing. */
export interface FolderLock {
  release(): Promise<void>
}

/** The name of the file that stands for a lock in its folder. */
const LOCK_FILE = '.lock.duckdb'

/*
 * A lock is a database file that is open for writing: the kernel keeps other processes out, and frees it when this one ends.
 * The kernel's lock is the process's, not the opener's. Within the process it is held by `held`, which also keeps a held file from
 * being opened a second time: closing that would free it.
 */
const held = new Set<string>()

/**
 * The engine that opens the lock files. One for all of the process, never closed: it holds no rows and no thread, and to attach a
 * file to it takes a tenth of the time of opening an engine of its own.
 */
let keeper: Promise<DuckDBConnection> | undefined
let attached = 0

/** Opens what locks need, so that it is there when the first one is taken. */
export function prepareLocks(): void {
  // Whoever takes a lock meets the failure.
  openKeeper().catch(() => {})
}

/**
 * Locks a folder, which is made where it is not there, or returns undefined when another holder has it. `file` is one of several locks of the folder.
 * Throws FILE_CORRUPT, FILE_UNWRITABLE and DISK_FULL.
 */
export async function tryFolderLock(folder: string, file = LOCK_FILE): Promise<FolderLock | undefined> {
  const lockFile = makeRealFolder(folder, file)
  if (held.has(lockFile)) return undefined
  held.add(lockFile)
  try {
    const connection = await openKeeper()
    if (!existsSync(lockFile)) await makeLockFile(connection, lockFile)
    return await openLock(connection, lockFile)
  } catch (error) {
    held.delete(lockFile)
    if (isHeld(error)) return undefined
    throw toLockError(error, folder, lockFile)
  }
}

/** Locks a folder that is new, and that nobody else looks at yet. Throws FILE_UNWRITABLE and DISK_FULL. */
export async function lockNewFolder(folder: string): Promise<FolderLock> {
  const lockFile = makeRealFolder(folder, LOCK_FILE)
  held.add(lockFile)
  try {
    return await openLock(await openKeeper(), lockFile)
  } catch (error) {
    held.delete(lockFile)
    throw toLockError(error, folder, lockFile)
  }
}

/**
 * Whether a process holds the lock of a folder. For a moment nobody else can take it: call it while no start looks for leftovers. Needs no
 * right to write. Throws FILE_CORRUPT.
 */
export async function isFolderLocked(folder: string): Promise<boolean> {
  if (!existsSync(path.join(folder, LOCK_FILE))) return false
  const lockFile = path.join(realpathSync(folder), LOCK_FILE)
  if (held.has(lockFile)) return true
  try {
    const connection = await openKeeper()
    await detach(connection, await attach(connection, lockFile, 'READ_ONLY'))
    return false
  } catch (error) {
    if (isHeld(error)) return true
    throw toLockError(error, folder, lockFile)
  }
}

/** Removes the file of a lock that nobody will ask for again. Call it while the lock is held. */
export function removeLockFile(folder: string): void {
  rmSync(path.join(folder, LOCK_FILE), { force: true })
}

/** The path of a lock file behind all links, so that a folder has one name here. */
function makeRealFolder(folder: string, file: string): string {
  try {
    mkdirSync(folder, { recursive: true })
    return path.join(realpathSync(folder), file)
  } catch (error) {
    throw unwritable(folder, error)
  }
}

function openKeeper(): Promise<DuckDBConnection> {
  keeper ??= duckdb.DuckDBInstance.create(':memory:', {
    threads: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
    .then((instance) => instance.connect())
    .catch((error: unknown) => {
      keeper = undefined
      throw error
    })
  return keeper
}

/** A file that is cut off, because its maker was killed, would be in the way of every later start: it comes into place whole. */
async function makeLockFile(connection: DuckDBConnection, lockFile: string): Promise<void> {
  const draft = `${lockFile}.${randomBytes(4).toString('hex')}`
  try {
    await detach(connection, await attach(connection, draft))
    linkSync(draft, lockFile)
  } catch (error) {
    // Somebody else's came first, and is as good; a disk without hard links gets the file in its place, by the one who takes the lock.
    if (!['EEXIST', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCodeOf(error) ?? '')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

async function attach(connection: DuckDBConnection, file: string, access = 'READ_WRITE'): Promise<string> {
  const name = `lock_${attached++}`
  await connection.run(`ATTACH '${file.replaceAll("'", "''")}' AS ${name} (TYPE duckdb, ${access})`)
  return name
}

async function detach(connection: DuckDBConnection, name: string): Promise<void> {
  await connection.run(`DETACH ${name}`)
}

async function openLock(connection: DuckDBConnection, lockFile: string): Promise<FolderLock> {
  const name = await attach(connection, lockFile)
  let isReleased = false
  return {
    release: async () => {
      if (isReleased) return
      isReleased = true
      await detach(connection, name)
      held.delete(lockFile)
    },
  }
}

function isHeld(error: unknown): boolean {
  return /could not set lock/i.test(messageOf(error))
}

function toLockError(error: unknown, folder: string, lockFile: string): PypeError {
  const message = messageOf(error)
  if (!/not a valid|corrupt|storage version|is a directory/i.test(message)) return unwritable(folder, error)
  return new PypeError('FILE_CORRUPT', `The lock file ${lockFile} is damaged, or is none.`, {
    hint: `when no run of the job is going on, remove it: rm -r ${lockFile}`,
    cause: error,
  })
}

function unwritable(folder: string, error: unknown): PypeError {
  if (isOutOfSpace(error)) {
    return new PypeError('DISK_FULL', `No space is left for the runs folder ${folder}.`, {
      hint: 'free some space, or choose another folder with --runs DIR',
      cause: error,
    })
  }
  return new PypeError('FILE_UNWRITABLE', `The runs folder ${folder} cannot be written: ${messageOf(error).split('\n', 1)[0]}`, {
    hint: 'check its rights, or choose another one with --runs DIR',
    cause: error,
  })
}

/** The engine has only a text for what the system said. */
function isOutOfSpace(error: unknown): boolean {
  return (
    ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(systemCodeOf(error) ?? '') ||
    /no space left|quota exceeded|file too large/i.test(messageOf(error))
  )
}
