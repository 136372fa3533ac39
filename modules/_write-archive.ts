/** Writes files into an archive, one after the other, never one whole in memory. */
import { createReadStream, createWriteStream, type Stats } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { createTarPacker, type TarPackController } from 'modern-tar'
import { PypeError } from 'pypeline/sdk'
import { ZipFile } from 'yazl'
import type { ArchiveFormat, Content } from './_archives.js'
import { look, type Search } from './_paths.js'
import { toWriteError } from './_write-errors.js'

/** A file or folder that is ready to be written. */
interface Entry {
  /** Absolute. */
  readonly path: string
  readonly name: string
  readonly stat: Stats
}

/** Writes an archive. Throws SOURCE_CHANGED when a file changes meanwhile. */
export async function writeArchive(search: Search, archive: string, format: ArchiveFormat, contents: readonly Content[]): Promise<void> {
  const entries = contents.map((content) => toEntry(search, content))
  try {
    if (format === 'zip') await writeZip(archive, entries, search.signal)
    else await writeTar(archive, entries, search.signal)
  } catch (error) {
    search.signal.throwIfAborted()
    throw toWriteError(error, archive)
  }
}

async function writeZip(archive: string, entries: readonly Entry[], signal: AbortSignal): Promise<void> {
  const zip = new ZipFile()
  const stop = new AbortController()
  const fail = (error: Error) => stop.abort(error)
  zip.on('error', fail)
  let current: Readable | undefined
  /** yazl opens each file when its turn comes, and looks at no error of it. */
  const open = (entry: Entry): Readable => {
    current = Readable.from(readEntry(entry), { objectMode: false }).on('error', fail)
    return current
  }
  const written = pipeline(zip.outputStream, createWriteStream(archive), { signal: AbortSignal.any([signal, stop.signal]) })
  try {
    for (const entry of entries) {
      const { name, stat } = entry
      if (name.includes('\\') || /^[a-zA-Z]:/.test(name)) throw notInZip(name)
      const options = { mtime: stat.mtime, mode: stat.mode & 0o177777 }
      if (stat.isDirectory()) zip.addEmptyDirectory(name, options)
      else zip.addReadStreamLazy(name, { ...options, size: stat.size }, (use) => use(null, open(entry)))
    }
    zip.end()
    await written
  } catch (error) {
    stop.abort(error)
    await written.catch(() => undefined)
    // What stopped the writing is the cause; the writing itself says only that it was stopped.
    throw stop.signal.reason
  } finally {
    current?.destroy()
  }
}

async function writeTar(archive: string, entries: readonly Entry[], signal: AbortSignal): Promise<void> {
  const { readable, controller } = createTarPacker()
  const written = pipeline(Readable.fromWeb(readable), createGzip(), createWriteStream(archive), { signal })
  // The first of the two that fails is the cause, and ends the other one.
  await Promise.all([written, packTar(controller, entries)])
}

async function packTar(controller: TarPackController, entries: readonly Entry[]): Promise<void> {
  try {
    for (const entry of entries) {
      const { name, stat } = entry
      const isFolder = stat.isDirectory()
      const body = controller
        .add({
          name: isFolder ? `${name}/` : name,
          type: isFolder ? 'directory' : 'file',
          size: isFolder ? 0 : stat.size,
          mode: stat.mode & 0o7777,
          mtime: stat.mtime,
        })
        .getWriter()
      if (!isFolder) for await (const piece of readEntry(entry)) await body.write(piece)
      await body.close()
    }
    controller.finalize()
  } catch (error) {
    controller.error(error)
    throw error
  }
}

/** The bytes of a file; fails when it is not what it was when it was looked at. */
async function* readEntry({ path, stat }: Entry): AsyncGenerator<Uint8Array> {
  let size = 0
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      size += piece.length
      if (size > stat.size) throw changed(path)
      yield piece
    }
  } catch (error) {
    if (error instanceof PypeError) throw error
    throw unreadable(path, error)
  }
  if (size !== stat.size || look(path)?.mtimeMs !== stat.mtimeMs) throw changed(path)
}

function toEntry({ cwd }: Search, { path: source, name }: Content): Entry {
  const path = resolve(cwd, source)
  const stat = look(path)
  if (stat?.isFile() || stat?.isDirectory()) return { path, name, stat }
  if (stat === undefined)
    throw new PypeError('FILE_NOT_FOUND', `${path} does not exist, or is a link that leads to nothing.`, { hint: 'check the path' })
  throw new PypeError('FILE_UNREADABLE', `${path} is neither a file nor a folder.`, { hint: 'only files and folders go into an archive' })
}

function notInZip(name: string): PypeError {
  return new PypeError('ARCHIVE_UNSAFE', `The name ${name} cannot stand in a zip: there, \\ and a letter with a colon belong to paths.`, {
    hint: 'use format: tar.gz, or another name',
  })
}

function changed(path: string): PypeError {
  return new PypeError('SOURCE_CHANGED', `${path} changed while it was being put into the archive.`, {
    hint: 'wait until nobody writes the file any more, and run again',
  })
}

function unreadable(path: string, cause: unknown): PypeError {
  return new PypeError('FILE_UNREADABLE', `${path} cannot be read.`, { cause, hint: 'check the rights of the file and of its folders' })
}
