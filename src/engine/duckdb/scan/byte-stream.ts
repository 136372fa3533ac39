import { createReadStream } from 'node:fs'
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
    throw compression === 'none'
      ? cause
      : new PypeError('FILE_CORRUPT', `${path} is not a whole ${compression} file.`, {
          cause,
          hint: 'get the file again from where it came from',
        })
  } finally {
    raw.destroy()
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
