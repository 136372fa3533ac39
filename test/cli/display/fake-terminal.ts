import stringWidth from 'string-width'

/** A terminal of so many columns and rows that shows what is written to it, as far as {@link Screen} steers one. */
export class FakeTerminal {
  columns: number
  rows: number
  /** What stands on it, also what has left it at the top. */
  #lines: string[] = ['']
  #row = 0

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  write(text: string): void {
    for (const [piece] of text.matchAll(/\x1b\[[?0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+/g)) this.#take(piece)
  }

  /** The lines that can be seen, without the empty ones at the end. */
  get screen(): readonly string[] {
    const seen = this.#lines.slice(Math.max(0, this.#lines.length - this.rows))
    while (seen.at(-1) === '') seen.pop()
    return seen
  }

  #take(piece: string): void {
    if (piece === '\n') {
      this.#row++
      if (this.#row === this.#lines.length) this.#lines.push('')
    } else if (piece.endsWith('A')) {
      const top = Math.max(0, this.#lines.length - this.rows)
      this.#row = Math.max(top, this.#row - Number(piece.slice(2, -1)))
    } else if (piece.endsWith('J')) {
      this.#lines.length = this.#row + 1
      this.#lines[this.#row] = ''
    } else if (!piece.startsWith('\x1b') && piece !== '\r') {
      if (stringWidth(piece) >= this.columns)
        throw new Error(`A line of ${stringWidth(piece)} columns was written to ${this.columns}: ${piece}`)
      this.#lines[this.#row] = piece
    }
  }
}
