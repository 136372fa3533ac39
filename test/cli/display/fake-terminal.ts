import stringWidth from 'string-width'

/** A terminal of so many columns and rows that shows what is written to it, as far as pype steers one. */
export class FakeTerminal {
  columns: number
  rows: number
  isCursorShown = true
  /** Whether a line that is as long as the terminal is wide is folded; else it is an error. */
  readonly #folds: boolean
  /** What stands on it, cell by cell, also what has left it at the top. The cell behind a wide character is empty. */
  readonly #lines: string[][] = [[]]
  #row = 0
  #column = 0

  constructor(columns: number, rows: number, folds = false) {
    this.columns = columns
    this.rows = rows
    this.#folds = folds
  }

  write(text: string): void {
    for (const [piece] of text.matchAll(/\x1b\[[?0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+/g)) this.#take(piece)
  }

  /** The lines that can be seen, without the empty ones at the end. */
  get screen(): readonly string[] {
    const seen = this.#lines.slice(this.#top).map((cells) => cells.join('').trimEnd())
    while (seen.at(-1) === '') seen.pop()
    return seen
  }

  get #top(): number {
    return Math.max(0, this.#lines.length - this.rows)
  }

  #take(piece: string): void {
    if (piece === '\n') this.#goTo(this.#row + 1, 0)
    else if (piece === '\r') this.#column = 0
    else if (piece === '\x1b[?25h' || piece === '\x1b[?25l') this.isCursorShown = piece.endsWith('h')
    else if (piece.endsWith('A') && piece.startsWith('\x1b'))
      this.#goTo(Math.max(this.#top, this.#row - Number(piece.slice(2, -1) || 1)), this.#column)
    else if (piece === '\x1b[2K') this.#lines[this.#row] = []
    else if (piece === '\x1b[K' || piece === '\x1b[J') {
      this.#line.length = Math.min(this.#line.length, this.#column)
      if (piece === '\x1b[J') this.#lines.length = this.#row + 1
    } else if (!piece.startsWith('\x1b')) this.#type(piece)
  }

  #type(text: string): void {
    if (!this.#folds && stringWidth(text) >= this.columns)
      throw new Error(`A line of ${stringWidth(text)} columns was written to ${this.columns}: ${text}`)
    for (const { segment } of new Intl.Segmenter().segment(text)) {
      const width = stringWidth(segment)
      if (this.#column + width > this.columns) this.#goTo(this.#row + 1, 0)
      while (this.#line.length < this.#column) this.#line.push(' ')
      this.#line.splice(this.#column, width, segment, ...(width > 1 ? [''] : []))
      this.#column += width
    }
  }

  get #line(): string[] {
    return this.#lines[this.#row] ?? []
  }

  #goTo(row: number, column: number): void {
    this.#row = row
    this.#column = column
    if (row === this.#lines.length) this.#lines.push([])
  }
}
