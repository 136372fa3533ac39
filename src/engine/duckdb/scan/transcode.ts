import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Compression, readBytes } from './byte-stream.js'

/** Encodings that text files may have. */
export type Encoding = 'utf-8' | 'utf-16' | 'latin-1' | 'windows-1252'

/** A byte that UTF-8 never has: it stands for what the encoding does not know, so that its row is found to be bad. */
const INVALID = Buffer.from([0xff])
const REPLACEMENT = Buffer.from('\ufffd')

/** Writes the text of a file as UTF-8 to `target`. */
export async function transcode(
  source: string,
  compression: Compression,
  encoding: Exclude<Encoding, 'utf-8'>,
  target: string,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  await pipeline(Readable.from(decode(readBytes(source, compression), encoding)), createWriteStream(target))
}

/** Bytes of a text as UTF-8; what the encoding does not know becomes a byte that UTF-8 never has. */
export async function* decode(bytes: AsyncIterable<Uint8Array>, encoding: Exclude<Encoding, 'utf-8'>): AsyncGenerator<Buffer> {
  const { default: iconv } = await import('iconv-lite')
  let decoder: ReturnType<typeof iconv.getDecoder> | undefined
  let read = 0
  for await (const chunk of bytes) {
    read += chunk.length
    decoder ??= iconv.getDecoder(encoding === 'utf-16' ? byteOrder(chunk) : encoding === 'latin-1' ? 'iso-8859-1' : 'windows-1252')
    yield toUtf8(decoder.write(Buffer.from(chunk)))
  }
  const rest = decoder?.end()
  if (rest) yield toUtf8(rest)
  // The decoder drops half a character.
  if (encoding === 'utf-16' && read % 2 === 1) yield INVALID
}

/** By the byte order mark; without one by the zeros that text of mostly ASCII has. */
function byteOrder(start: Uint8Array): 'utf-16le' | 'utf-16be' {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le'
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be'
  return start[0] === 0 ? 'utf-16be' : 'utf-16le'
}

/** What the decoder could not read has become U+FFFD by now; a real one cannot be told from it, and its row counts as bad too. */
function toUtf8(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  const pieces: Buffer[] = []
  let from = 0
  for (let at = bytes.indexOf(REPLACEMENT); at >= 0; at = bytes.indexOf(REPLACEMENT, from)) {
    pieces.push(bytes.subarray(from, at), INVALID)
    from = at + REPLACEMENT.length
  }
  return from === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(from)])
}
