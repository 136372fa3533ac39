import stringWidth from 'string-width'

/** Where a text is broken. */
export interface Wrapping {
  /** Columns of a line; Infinity: nothing is broken. */
  readonly columns: number
  /** Columns of the first line that are taken already. */
  readonly lead?: number
  /** Blanks before each line that a break has made. */
  readonly indent?: number
}

/**
 * Breaks a text at blanks. What stands between backticks is one word: a command stays whole, so that it can be copied. A word for which no line is wide
 * enough has one for itself. Lines that draw something, such as a caret below its place, stay as they are; the hint of an error that a message
 * tells of is broken like any other.
 */
export function wrapText(text: string, { columns, lead = 0, indent = 0 }: Wrapping): string {
  if (columns === Number.POSITIVE_INFINITY) return text
  const lines = text.split('\n')
  return lines
    .map((line, i) => {
      const [hint] = /^\s+hint: /.exec(line) ?? []
      if (hint !== undefined) return hangText(hint, line.slice(hint.length), columns)
      return isDrawn(line) || isCaret(lines[i + 1]) ? line : wrapLine(line, { columns, indent, lead: i === 0 ? lead : 0 })
    })
    .join('\n')
}

/** Puts a text behind a lead (`error USAGE  `): further lines begin below the text, or two blanks in where the lead takes too much of a line. */
export function hangText(lead: string, text: string, columns: number): string {
  const width = stringWidth(lead)
  return lead + wrapText(text, { columns, lead: width, indent: width <= columns / 3 ? width : 2 })
}

function wrapLine(line: string, { columns, lead, indent }: Required<Wrapping>): string {
  let text = ''
  let used = lead
  for (const [piece] of line.matchAll(/\s*(?:`[^`]*`|[^\s`]|`)+/g)) {
    const width = stringWidth(piece)
    const word = piece.trimStart()
    if (used + width > columns && (text !== '' || indent < lead)) {
      text = `${text}\n${' '.repeat(indent)}${word}`
      used = indent + stringWidth(word)
    } else {
      text += piece
      used += width
    }
  }
  return text
}

function isDrawn(line: string): boolean {
  return /^\s/.test(line)
}

function isCaret(line: string | undefined): boolean {
  return line !== undefined && /^\s*\^+\s*$/.test(line)
}
