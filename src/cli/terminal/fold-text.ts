import stringWidth from 'string-width'
import { splitText } from '../../core/text-width.js'

/** A text as lines of at most so many columns. It is broken at blanks; a word for which no line is wide enough behind a sign in it, such as the slash of a path. */
export function foldText(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (stringWidth(longer) <= columns) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    const pieces = breakWord(word, columns)
    lines.push(...pieces.slice(0, -1))
    line = pieces.at(-1) ?? ''
  }
  return [...lines, line]
}

function breakWord(word: string, columns: number): readonly string[] {
  const pieces: string[] = []
  let rest = word
  while (stringWidth(rest) > columns) {
    const [fitting, behind] = splitText(rest, columns)
    const [upToSign = fitting] = /^.*\/(?=.)/s.exec(fitting) ?? /^.*[^\p{L}\p{N}](?=.)/su.exec(fitting) ?? []
    // A sign near its beginning would leave most of the line empty.
    const piece = behind !== '' && stringWidth(upToSign) > columns / 3 ? upToSign : fitting
    pieces.push(piece)
    rest = rest.slice(piece.length)
  }
  return [...pieces, rest]
}
