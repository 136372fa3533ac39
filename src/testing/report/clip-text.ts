import stringWidth from 'string-width'

/** A text in at most so many columns of a terminal, with `…` for what is left out. */
export function clipText(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text
  let taken = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(taken + segment) > columns - 1) break
    taken += segment
  }
  return `${taken}…`
}
