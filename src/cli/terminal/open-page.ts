import { columnsOf } from './columns-of.js'
import { type Color, openPaint } from './open-paint.js'
import { showsUnicode } from './shows-unicode.js'
import { spellAscii, spellSigns } from './spell-ascii.js'

/** How what people read is written to a stream. */
export interface Page {
  /** Columns. */
  readonly width: number
  /** Columns at which sentences are broken. Infinity where there is no terminal: there a message is a line, which can be searched for. */
  readonly wrapAt: number
  readonly paint: (color: Color, text: string) => string
  /** Spells a drawing in the characters that the stream shows; its columns stay. */
  readonly spell: (text: string) => string
  /** Does so with a sentence, which may become longer. */
  readonly spellSigns: (text: string) => string
}

/** The page of a stream as it is now: a terminal may become wider. Undefined: a file, which has no colours. */
export function openPage(stream: NodeJS.WriteStream | undefined): Page {
  const width = columnsOf(stream)
  const isPlain = stream !== undefined && !showsUnicode(process.env)
  return {
    width,
    wrapAt: stream?.isTTY === true ? width : Number.POSITIVE_INFINITY,
    paint: openPaint(stream),
    spell: isPlain ? spellAscii : (text) => text,
    spellSigns: isPlain ? spellSigns : (text) => text,
  }
}
