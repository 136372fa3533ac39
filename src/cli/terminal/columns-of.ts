/** Columns of a page that goes to a file or a pipe: the same for all pages, wherever they are made. */
export const WIDTH_WITHOUT_TERMINAL = 100

/** Columns of a stream. A terminal that has not told its size has as many as a file. */
export function columnsOf(stream: { readonly columns?: number } | undefined): number {
  return stream?.columns || WIDTH_WITHOUT_TERMINAL
}
