import { cutText } from '../../core/text-width.js'
import type { Page } from '../terminal/open-page.js'

/** A value in so many columns. Only the mark that it was cut is spelled as the page shows it: a value is not to look like another one. */
export function cutValue(value: string, columns: number, spell: Page['spell']): string {
  const cut = cutText(value, columns)
  return cut === value || cut === '' ? cut : `${cut.slice(0, -1)}${spell('…')}`
}
