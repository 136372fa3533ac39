/** Reads the entries of an archive, one after the other, never one whole in memory. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { crc32, createGunzip } from 'node:zlib'
import { createTarDecoder } from 'modern-tar'
import { PypeError } from 'pypeline/sdk'
import { openPromise, type Entry as ZipEntry } from 'yauzl'
import type { ArchiveFormat } from './_archives.js'

/** A file or folder of an archive. Its bytes must be read before the next entry is asked for. */
export interface ArchiveEntry {
  /** As it stands in the archive; not to be trusted. */
  readonly name: string
  readonly isFolder: boolean
  /** Rights, where the archive has them. */
  readonly mode: number | undefined
  readonly modified: Date
  readonly bytes: () => AsyncIterable<Uint8Array>
}

/** The entries of an archive, in its order. Throws coded errors: FILE_CORRUPT, FILE_UNREADABLE, and ARCHIVE_UNSAFE for links and devices. */
export async function* readArchive(archive: string, format: ArchiveFormat): AsyncGenerator<ArchiveEntry> {
  try {
    yield* format === 'zip' ? readZip(archive) : readTar(archive)
  } catch (error) {
    throw toCorrupt(error, archive, format)
  }
}

/** Bits of a mode in which a system of the Unix family keeps the kind of a file, and two of its values. */
const KIND = 0o170000
const LINK = 0o120000

async function* readZip(archive: string): AsyncGenerator<ArchiveEntry> {
  const zip = await openPromise(archive, { validateEntrySizes: true })
  for await (const entry of zip.eachEntry()) {
    const attributes = entry.versionMadeBy >>> 8 === 3 ? entry.externalFileAttributes >>> 16 : 0
    if ((attributes & KIND) === LINK) throw unsafeKind(archive, entry.fileName, 'a symbolic link')
    const isFolder = entry.fileName.endsWith('/')
    if (!isFolder && (entry.isEncrypted() || !entry.canDecodeFileData())) throw undecodable(archive, entry)
    yield {
      name: entry.fileName,
      isFolder,
      mode: attributes === 0 ? undefined : attributes,
      modified: entry.getLastModDate(),
      bytes: async function* () {
        try {
          yield* checked(await zip.openReadStreamPromise(entry), entry)
        } catch (error) {
          throw toCorrupt(error, archive, 'zip')
        }
      },
    }
  }
}

/** Fails at the end of a file whose checksum is wrong: the library does not look at it. */
async function* checked(stream: AsyncIterable<Uint8Array>, { crc32: expected, fileName }: ZipEntry): AsyncGenerator<Uint8Array> {
  let found = 0
  for await (const piece of stream) {
    found = crc32(piece, found)
    yield piece
  }
  if (found !== expected) throw new Error(`the checksum of ${fileName} is wrong`)
}

async function* readTar(archive: string): AsyncGenerator<ArchiveEntry> {
  const source = createReadStream(archive, { highWaterMark: 256 * 1024 })
  const unzipped = createGunzip({ chunkSize: 256 * 1024 })
  source.on('error', (error) => unzipped.destroy(error))
  const { readable, writable } = createTarDecoder({ strict: true })
  const decoded = Readable.toWeb(source.pipe(unzipped)).pipeTo(writable)
  // What fails there fails the entries too; the loop over them reports it.
  decoded.catch(() => undefined)
  try {
    for await (const { header, body } of readable) {
      const { name, type = 'file', mode, mtime = new Date(0) } = header
      if (type !== 'file' && type !== 'directory') throw unsafeKind(archive, name, KINDS[type] ?? type)
      let isRead = false
      yield {
        name,
        isFolder: type === 'directory',
        mode,
        modified: mtime,
        bytes: async function* () {
          isRead = true
          try {
            yield* body
          } catch (error) {
            throw toCorrupt(error, archive, 'tar.gz')
          }
        },
      }
      // The next entry comes only behind the bytes of this one.
      if (!isRead) await body.cancel()
    }
    await decoded
  } finally {
    source.destroy()
    unzipped.destroy()
  }
}

const KINDS: { readonly [type: string]: string } = { symlink: 'a symbolic link', link: 'a hard link' }

/** A coded error for what a library or the system said of an archive. */
function toCorrupt(error: unknown, archive: string, format: ArchiveFormat): unknown {
  if (error instanceof PypeError) return error
  const message = error instanceof Error ? error.message : String(error)
  if (/^(invalid relative path|absolute path)/.test(message)) return unsafeName(archive, message.replace(/^[^:]*: /, ''))
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EACCES' || code === 'EPERM' || code === 'EIO') {
    return new PypeError('FILE_UNREADABLE', `${archive} cannot be read.`, { cause: error, hint: 'check the rights of the file' })
  }
  return new PypeError('FILE_CORRUPT', `${archive} is not a whole ${format} archive: ${message.replace(/\.$/, '')}.`, {
    cause: error,
    hint: 'was it still being written, or is it another format? Get it again, or set format',
  })
}

/** A name that leads out of the folder that is unpacked to. */
export function unsafeName(archive: string, name: string): PypeError {
  return new PypeError('ARCHIVE_UNSAFE', `${archive} has an entry ${JSON.stringify(name)}, which leads out of the folder to unpack to.`, {
    hint: 'nothing was unpacked; ask whoever made the archive',
  })
}

function unsafeKind(archive: string, name: string, kind: string): PypeError {
  return new PypeError(
    'ARCHIVE_UNSAFE',
    `${archive} has an entry ${JSON.stringify(name)} that is ${kind}; only files and folders are unpacked.`,
    {
      hint: 'nothing was unpacked; if you trust the archive, unpack it with a `shell` node',
    },
  )
}

function undecodable(archive: string, entry: ZipEntry): PypeError {
  const why = entry.isEncrypted() ? 'is encrypted' : `is compressed by a method that is not known (${entry.compressionMethod})`
  return new PypeError('FILE_UNREADABLE', `${archive} has an entry ${JSON.stringify(entry.fileName)} that ${why}.`, {
    hint: 'make the archive anew without that, or unpack it with a `shell` node',
  })
}
