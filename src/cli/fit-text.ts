import stringWidth from 'string-width'

/** The beginning of a text in so many columns of a terminal; `…` stands for what is left out. */
export function takeColumns(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text
  let taken = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(taken + segment) > columns - 1) break
    taken += segment
  }
  return columns > 0 ? `${taken}…` : ''
}

/** The same of its end. */
export function takeLastColumns(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text
  let taken = ''
  for (const { segment } of [...new Intl.Segmenter().segment(text)].reverse()) {
    if (stringWidth(segment + taken) > columns - 1) break
    taken = segment + taken
  }
  return columns > 0 ? `…${taken}` : ''
}

/** Tabs as two blanks; characters that would steer the terminal are shown as a mark. */
export function makePrintable(text: string): string {
  return text.replaceAll('\t', '  ').replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD')
}
