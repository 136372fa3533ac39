/** `1 module`, `2,000 modules`. */
export function formatQuantity(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`
}

/** `2,000`: of an integer. */
export function formatCount(count: number): string {
  // Not by a locale, whose data takes longer to load than all the rest of a summary.
  return String(count).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',')
}
