import stringWidth from 'string-width'

/** The beginning of a text in so many columns of a terminal; `mark`, of one column, stands for what is left out. */
export function cutText(text: string, columns: number, mark = '…'): string {
  if (stringWidth(text) <= columns) return text
  const taken = takeSegments(new Intl.Segmenter().segment(text), columns - 1)
  return columns > 0 ? taken.join('') + mark : ''
}

/** The same of its end. */
export function cutTextStart(text: string, columns: number, mark = '…'): string {
  if (stringWidth(text) <= columns) return text
  const taken = takeSegments([...new Intl.Segmenter().segment(text)].reverse(), columns - 1)
  return columns > 0 ? mark + taken.reverse().join('') : ''
}

/** A text in two: the beginning that fits into so many columns, at least one character of it, and the rest. */
export function splitText(text: string, columns: number): readonly [fitting: string, rest: string] {
  const segments = [...new Intl.Segmenter().segment(text)]
  const count = Math.max(1, takeSegments(segments, columns).length)
  const end = segments[count]?.index ?? text.length
  return [text.slice(0, end), text.slice(end)]
}

/** What is seen as one character may be several: an emoji, a letter with its accents. */
function takeSegments(segments: Iterable<Intl.SegmentData>, columns: number): string[] {
  const taken: string[] = []
  let width = 0
  for (const { segment } of segments) {
    width += stringWidth(segment)
    if (width > columns) break
    taken.push(segment)
  }
  return taken
}

/** A text with blanks behind it, up to so many columns of a terminal; a wider one stays as it is. */
export function padText(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)))
}

/** The same with blanks before it: of a number. */
export function padTextStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - stringWidth(text))) + text
}

/** A text of just so many columns: cut, or filled up with blanks. */
export function fitText(text: string, columns: number): string {
  return padText(cutText(text, columns), columns)
}

/** Columns of the widest text. */
export function widthOf(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, stringWidth(text)), 0)
}
