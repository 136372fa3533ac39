import stringWidth from 'string-width'

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

/** A text that takes at most `width` columns of a terminal: where it takes more it ends with …. */
export function cutText(text: string, width: number): string {
  if (PRINTABLE_ASCII.test(text)) return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
  if (stringWidth(text) <= width) return text
  let cut = ''
  let taken = 1
  // What is seen as one character may be several: an emoji, a letter with its accents.
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    taken += stringWidth(segment)
    if (taken > width) break
    cut += segment
  }
  return `${cut}…`
}
