import type { Page } from '../../../src/cli/terminal/open-page.js'

/** A page of so many columns without colours, in whose sentences nothing is broken. */
export function plainPage(width: number): Page {
  const same = (text: string) => text
  return { width, wrapAt: Number.POSITIVE_INFINITY, paint: (_, text) => text, spell: same, spellSigns: same }
}
