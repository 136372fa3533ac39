import stringWidth from 'string-width'

/** A text of a width in columns: cut with `…`, or filled up with blanks. */
export function fitText(text: string, width: number): string {
  const own = stringWidth(text)
  if (own <= width) return text + ' '.repeat(width - own)
  let taken = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(taken + segment) > width - 1) break
    taken += segment
  }
  return `${taken}…${' '.repeat(Math.max(0, width - 1 - stringWidth(taken)))}`
}
