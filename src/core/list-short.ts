import { formatCount } from './quantity.js'

/** Names that a message lists. */
const LISTED = 12

/** `a, b, c and 12 more`: the first names of a list, so that a message stays one however many there are. */
export function listShort(names: readonly string[], most = LISTED): string {
  // One name is not longer than saying that it is left out.
  if (names.length <= most + 1) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${formatCount(names.length - most)} more`
}
