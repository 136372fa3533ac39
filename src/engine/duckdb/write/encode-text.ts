import { createReadStream, createWriteStream } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { messageOf, PypeError } from '../../../core/errors.js'
import { systemCodeOf } from '../../../core/system-code.js'
import { throwIfAborted } from '../session.js'
import { literal } from '../statement/literal.js'

/** How a text file is written that is not plain UTF-8. */
export interface TextEncoding {
  /** As the config names it, in lower case. */
  readonly name: string
  /** The text stands behind other text of the file: no byte order mark. */
  readonly continues: boolean
  /** Lines end with CR LF, but for those in values between these quotes. Undefined: with LF. */
  readonly crLfOutside?: string | undefined
  readonly gzip: boolean
}

/** Writes a UTF-8 file anew in another encoding. A character that the encoding lacks is an error: nothing is replaced. */
export async function encodeFile(source: string, target: string, encoding: TextEncoding, signal: AbortSignal): Promise<void> {
  const { default: iconv } = await import('iconv-lite')
  const name = codecOf(encoding)
  const encoder = iconv.getEncoder(name)
  const decode = new TextDecoder('utf-8', { ignoreBOM: true })
  const endLines = encoding.crLfOutside === undefined ? (text: string) => text : endWithCrLf(encoding.crLfOutside)
  const recode = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = endLines(decode.decode(chunk, { stream: true }))
      const bytes = encoder.write(text)
      const lost = name.startsWith('utf') ? undefined : firstLost(text, iconv.decode(Buffer.from(bytes), name))
      done(lost === undefined ? null : lostCharacter(lost, encoding.name), bytes)
    },
    flush(done) {
      done(null, encoder.end())
    },
  })
  const from = createReadStream(source)
  const to = createWriteStream(target)
  try {
    if (encoding.gzip) await pipeline(from, recode, createGzip(), to, { signal })
    else await pipeline(from, recode, to, { signal })
  } catch (error) {
    throwIfAborted(signal)
    throw toWriteError(target, error)
  }
}

/** A text in an encoding; throws BAD_ROW for a character that it lacks. */
export async function encodeText(text: string, encoding: Pick<TextEncoding, 'name' | 'continues'>): Promise<Buffer> {
  const { default: iconv } = await import('iconv-lite')
  const name = codecOf(encoding)
  const bytes = iconv.encode(text, name, { addBOM: name === 'utf-16' })
  const lost = firstLost(text, iconv.decode(bytes, name))
  if (lost !== undefined) throw lostCharacter(lost, encoding.name)
  return bytes
}

/** Reads a text piece by piece and writes CR LF for each LF outside of quotes. */
function endWithCrLf(quote: string): (text: string) => string {
  let isQuoted = false
  return (text) => {
    let ended = ''
    for (const character of text) {
      if (character === quote) isQuoted = !isQuoted
      ended += character === '\n' && !isQuoted ? '\r\n' : character
    }
    return ended
  }
}

/** A byte order mark stands at the beginning only. */
function codecOf({ name, continues }: Pick<TextEncoding, 'name' | 'continues'>): string {
  if (name.startsWith('utf-16')) return continues ? 'utf-16le' : 'utf-16'
  return name === 'latin-1' ? 'iso-8859-1' : name
}

function firstLost(text: string, again: string): string | undefined {
  if (text === again) return undefined
  const characters = [...text]
  const back = [...again]
  return characters.find((character, i) => character !== back[i])
}

function lostCharacter(character: string, encoding: string): PypeError {
  return new PypeError('BAD_ROW', `The character ${literal(character)} does not exist in the encoding ${encoding}.`, {
    hint: 'write the file as utf-8',
  })
}

const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

function toWriteError(target: string, error: unknown): unknown {
  const code = systemCodeOf(error)
  if (error instanceof PypeError || code === undefined) return error
  if (FULL.has(code))
    return new PypeError('DISK_FULL', `No space is left for ${target}.`, {
      hint: 'free some space, or write to another disk',
      cause: error,
    })
  return new PypeError('FILE_UNWRITABLE', `${target} cannot be written: ${messageOf(error)}.`, {
    hint: 'check the rights of the file and of its folder',
    cause: error,
  })
}
