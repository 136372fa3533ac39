import { isUtf8 } from 'node:buffer'
import { compressionOf, readBytes } from '../../engine/duckdb/scan/byte-stream.js'

/** Of what is in the file, unpacked; what is behind them is a bad row where it is in another encoding. */
const BYTES = 64 * 1024 * 1024

/**
 * The encoding of a text file, as the config `encoding` calls it: UTF-16 by its mark, else UTF-8 where its bytes are valid in that, and
 * else the one that spreadsheets write in western countries. Throws FILE_CORRUPT for a packed file that is not whole.
 */
export async function guessEncoding(file: string): Promise<'utf-8' | 'utf-16' | 'windows-1252'> {
  let read = 0
  let rest = Buffer.alloc(0)
  for await (const chunk of readBytes(file, compressionOf(file, 'auto'))) {
    if (read === 0 && isMark(chunk)) return 'utf-16'
    read += chunk.length
    const bytes = Buffer.concat([rest, chunk])
    const whole = lastWhole(bytes)
    if (!isUtf8(bytes.subarray(0, whole))) return 'windows-1252'
    rest = bytes.subarray(whole)
    if (read >= BYTES) return 'utf-8'
  }
  return rest.length === 0 ? 'utf-8' : 'windows-1252'
}

function isMark([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
}

/** How many bytes are whole characters: one of several bytes that has only begun at the end is left out. */
function lastWhole(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? bytes.length - back : bytes.length
    if (byte < 0x80) return bytes.length
  }
  return bytes.length
}
