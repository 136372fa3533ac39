import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import { PypeError } from '../../../core/errors.js'

export type Compression = 'none' | 'gzip' | 'zstd'

/** What the config and the suffix say of a file's compression. */
export function compressionOf(path: string, setting: string): Compression {
  if (setting === 'gzip' || setting === 'zstd' || setting === 'none') return setting
  if (/\.gz$/i.test(path)) return 'gzip'
  return /\.zst$/i.test(path) ? 'zstd' : 'none'
}

/** The bytes of a file as they are after decompression. */
export async function* readBytes(path: string, compression: Compression): AsyncGenerator<Uint8Array> {
  const raw = createReadStream(path, { highWaterMark: 1 << 18 })
  try {
    if (compression === 'gzip') yield* raw.pipe(createGunzip()).on('error', () => raw.destroy())
    else if (compression === 'zstd') yield* decompressZstd(raw)
    else yield* raw
  } catch (cause) {
    throw compression === 'none' ? cause : notWhole(path, compression, cause)
  } finally {
    raw.destroy()
  }
}

/**
 * Throws FILE_CORRUPT when a compressed file is cut off. The engine takes the end of such a file for the end of its rows, and
 * rows would be lost in silence. For gzip that takes reading the whole file; for zstd the sizes of its blocks tell.
 */
export async function checkWhole(path: string, compression: Compression): Promise<void> {
  if (compression === 'gzip') {
    for await (const _ of readBytes(path, compression));
  }
  if (compression === 'zstd') await maxBytesOfZstd(path)
}

function notWhole(path: string, compression: Compression, cause?: unknown): PypeError {
  return new PypeError('FILE_CORRUPT', `${path} is not a whole ${compression} file.`, {
    cause,
    hint: 'get the file again from where it came from',
  })
}

const ZSTD_FRAME = 0xfd2fb528
const ZSTD_SKIPPABLE = 0x184d2a50
const DICTIONARY_BYTES = [0, 1, 2, 4]
const CONTENT_SIZE_BYTES = [0, 2, 4, 8]

/** The most bytes that a block holds after decompression. */
const ZSTD_BLOCK_BYTES = 1 << 17

/**
 * The number of bytes that a zstd file has at most after decompression. Walks from frame to frame and from block to block without
 * decompressing them (RFC 8878, 3.1); throws FILE_CORRUPT when the file is cut off.
 */
export async function maxBytesOfZstd(path: string): Promise<number> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bytesAt = async (at: number, length: number) => (await file.read(Buffer.alloc(length), 0, length, at)).buffer
    let [at, blocks] = [0, 0]
    while (at < size) {
      const start = await bytesAt(at, 8)
      const magic = start.readUInt32LE(0)
      if ((magic & 0xfffffff0) >>> 0 === ZSTD_SKIPPABLE) {
        at += 8 + start.readUInt32LE(4)
        continue
      }
      if (magic !== ZSTD_FRAME) throw notWhole(path, 'zstd')
      const descriptor = start[4] ?? 0
      const isSingle = (descriptor & 0x20) !== 0
      const contentSize = descriptor >> 6 === 0 ? Number(isSingle) : (CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0)
      at += 5 + (isSingle ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0) + contentSize
      for (let last = false; !last; ) {
        if (at + 3 > size) throw notWhole(path, 'zstd')
        blocks++
        const header = (await bytesAt(at, 3)).readUIntLE(0, 3)
        last = (header & 1) === 1
        const isRepeated = ((header >> 1) & 3) === 1
        at += 3 + (isRepeated ? 1 : header >> 3)
      }
      if ((descriptor & 4) !== 0) at += 4
    }
    if (at !== size) throw notWhole(path, 'zstd')
    return blocks * ZSTD_BLOCK_BYTES
  } finally {
    await file.close()
  }
}

async function* decompressZstd(raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = []
  const decompressor = new Decompress((chunk) => ready.push(chunk))
  for await (const chunk of raw) {
    decompressor.push(chunk)
    yield* ready
    ready = []
  }
  decompressor.push(new Uint8Array(0), true)
  yield* ready
}
