import { formatCount } from '../../core/quantity.js'

/** `a, b, c and 12 more`: the first names of a list. */
export function listShort(names: readonly string[], most: number): string {
  // One name is not longer than saying that it is left out.
  if (names.length <= most + 1) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${formatCount(names.length - most)} more`
}
