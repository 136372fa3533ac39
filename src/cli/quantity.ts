/** `1 module`, `2 modules`. */
export function formatQuantity(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
