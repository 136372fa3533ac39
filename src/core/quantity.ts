/** `1 module`, `2,000 modules`. */
export function formatQuantity(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`
}

/** `2,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}
