import {
  chmodSync,
  chownSync,
  closeSync,
  createReadStream,
  createWriteStream,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { PypeError } from '../../../core/errors.js'
import { systemCodeOf } from '../../../core/system-code.js'

/** A file that is open for appending. */
export interface AppendHandle {
  readonly path: string
  readonly descriptor: number
}

/**
 * Everything that journals, staging and commits do to the disk. The one seam through which it goes, so that a test
 * can record it or stop the process at any of its steps. Throws coded errors that name the path.
 */
export interface Disk {
  /** Makes the folder and those above it; returns the topmost one that was made. */
  makeFolder(path: string): string | undefined
  openAppend(path: string): AppendHandle
  append(file: AppendHandle, bytes: Uint8Array): void
  flush(file: AppendHandle): void
  truncateOpen(file: AppendHandle, length: number): void
  close(file: AppendHandle): void
  /** Flushes what was written to a file; large ones without holding up the process. */
  flushFile(path: string): Promise<void>
  flushFolder(path: string): void
  rename(from: string, to: string): void
  /** Removes a file, or a folder with all that is in it; one that is not there is fine. */
  remove(path: string): void
  truncate(path: string, length: number): void
  /** Adds the bytes of one file to the end of another one, which is made when it is not there. */
  appendFile(from: string, to: string): Promise<void>
  /** Gives a path the rights and, where that is allowed, the owner of another one. */
  copyRights(from: string, to: string): void
}

/** Up to this size a synchronous flush is faster, and short enough to wait for. */
const LARGE_FILE = 4 * 1024 * 1024

/** The disk itself. */
export const nodeDisk: Disk = {
  makeFolder: (path) => coded(path, () => mkdirSync(path, { recursive: true })),
  openAppend: (path) => coded(path, () => ({ path, descriptor: openSync(path, 'a', 0o644) })),
  append: (file, bytes) =>
    coded(file.path, () => {
      let written = 0
      while (written < bytes.length) written += writeSync(file.descriptor, bytes, written)
    }),
  flush: (file) => coded(file.path, () => fsyncSync(file.descriptor)),
  truncateOpen: (file, length) => coded(file.path, () => ftruncateSync(file.descriptor, length)),
  close: (file) => coded(file.path, () => closeSync(file.descriptor)),
  flushFile: async (path) => {
    const isLarge = coded(path, () => statSync(path).size > LARGE_FILE)
    if (!isLarge) return coded(path, () => flushNow(path))
    const handle = await codedAsync(path, () => open(path, 'r'))
    await codedAsync(path, () => syncAndClose(handle))
  },
  flushFolder: (path) => coded(path, () => flushNow(path)),
  rename: (from, to) => coded(to, () => renameSync(from, to)),
  remove: (path) => coded(path, () => rmSync(path, { recursive: true, force: true })),
  truncate: (path, length) => coded(path, () => truncateSync(path, length)),
  appendFile: (from, to) =>
    codedAsync(to, () => pipeline(createReadStream(from, { highWaterMark: 1024 * 1024 }), createWriteStream(to, { flags: 'a' }))),
  copyRights: (from, to) => coded(to, () => copyRights(from, to)),
}

function flushNow(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

async function syncAndClose(handle: FileHandle): Promise<void> {
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function copyRights(from: string, to: string): void {
  const model = statSync(from)
  const own = statSync(to)
  if (model.uid !== own.uid || model.gid !== own.gid) {
    try {
      chownSync(to, model.uid, model.gid)
    } catch (error) {
      // Only root may give files away; for others the new file stays the writer's own.
      if (systemCodeOf(error) !== 'EPERM') throw error
    }
  }
  // After the owner: a change of owner clears special bits.
  chmodSync(to, model.mode & 0o7777)
}

function coded<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toDiskError(path, error)
  }
}

async function codedAsync<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toDiskError(path, error)
  }
}

/** The text of a file. Throws a coded error. */
export function readText(path: string): string {
  return coded(path, () => readFileSync(path, 'utf8'))
}

/** A coded error for what a file operation threw. */
export function toDiskError(path: string, error: unknown): unknown {
  if (error instanceof PypeError) return error
  const code = systemCodeOf(error)
  if (code === undefined) return error
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new PypeError('DISK_FULL', `No space is left for ${path}.`, { hint: 'free some space, or write to another disk', cause: error })
  }
  if (code === 'ENOENT') return new PypeError('FILE_NOT_FOUND', `${path} is not there.`, { cause: error })
  return new PypeError('FILE_UNWRITABLE', `${path} cannot be written: ${error instanceof Error ? error.message : code}.`, {
    hint: 'check the rights of the file and of its folder',
    cause: error,
  })
}
