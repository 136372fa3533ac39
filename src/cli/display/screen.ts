import stringWidth from 'string-width'

/** A terminal, as far as the lines at its end need it. */
export interface Terminal {
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

// A terminal that knows these shows what is between them at once, without a flicker; others ignore them.
const BEGIN = '\x1b[?2026h'
const END = '\x1b[?2026l'
const ERASE_LINE = '\x1b[K'
const ERASE_LINE_ABOVE = '\x1b[A\x1b[2K'
const ERASE_BELOW = '\x1b[J'

/**
 * Lines at the end of a terminal that are written anew again and again; other text goes above them. The cursor stays visible and below
 * the lines, so that the terminal is as it was after any end.
 */
export class Screen {
  readonly #terminal: Terminal
  /** Columns of each line that stands there now. */
  #widths: readonly number[] = []
  #lines: readonly string[] = []

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** Columns that a line may have: at the last one some terminals go to the next line by themselves. A terminal of no size has not told it. */
  get columns(): number {
    return Math.max(20, (this.#terminal.columns || 80) - 1)
  }

  /** Lines that fit, with one for the cursor. */
  get rows(): number {
    return Math.max(3, (this.#terminal.rows || 24) - 1)
  }

  /** Puts these lines in the place of those that stand there. None may be longer than {@link columns}, nor more than {@link rows}. */
  draw(lines: readonly string[]): void {
    this.#write('', lines)
  }

  /** Writes text above the lines. */
  print(text: string): void {
    this.#write(text === '' || text.endsWith('\n') ? text : `${text}\n`, this.#lines)
  }

  /** Takes the lines away. */
  clear(): void {
    this.#write('', [])
  }

  #write(above: string, lines: readonly string[]): void {
    const body = lines.map((line) => `${line}${ERASE_LINE}\n`).join('')
    const isRedrawn = above === '' && lines.length > 0
    this.#terminal.write(`${BEGIN}${isRedrawn ? this.#goToTop() : this.#eraseToTop()}${above}${body}${ERASE_BELOW}${END}`)
    this.#lines = lines
    this.#widths = lines.map((line) => stringWidth(line))
  }

  #goToTop(): string {
    const up = this.#countLines()
    return up === 0 ? '\r' : `\r\x1b[${up}A`
  }

  /** Line by line: where all of a screen is erased at once, some terminals keep what was on it among what has scrolled away. */
  #eraseToTop(): string {
    return `\r\x1b[2K${ERASE_LINE_ABOVE.repeat(this.#countLines())}`
  }

  /** After a resize a terminal has folded the lines that are too long by now; what has left it at the top is out of reach. */
  #countLines(): number {
    const columns = Math.max(1, this.#terminal.columns || 80)
    const folded = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    return Math.min(folded, Math.max(0, (this.#terminal.rows || 24) - 1))
  }
}
