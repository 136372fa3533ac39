/** Splits a stream into lines, each held up to a bound. */
export class LineReader {
  readonly #longest: number
  readonly #onLine: (line: string) => void
  #pieces: Uint8Array[] = []
  #held = 0
  #leftOut = 0

  /** `longest`: bytes of a line that are kept; what was left out is said at its end. */
  constructor(longest: number, onLine: (line: string) => void) {
    this.#longest = longest
    this.#onLine = onLine
  }

  push(chunk: Uint8Array): void {
    let at = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, at)) {
      this.#hold(chunk.subarray(at, end))
      this.#finish()
      at = end + 1
    }
    if (at < chunk.length) this.#hold(chunk.subarray(at))
  }

  /** The last line may have no end. */
  end(): void {
    if (this.#held > 0) this.#finish()
  }

  #hold(piece: Uint8Array): void {
    const kept = piece.subarray(0, this.#longest - this.#held)
    if (kept.length > 0) this.#pieces.push(Uint8Array.from(kept))
    this.#held += kept.length
    this.#leftOut += piece.length - kept.length
  }

  #finish(): void {
    const bytes = Buffer.concat(this.#pieces)
    const line =
      this.#leftOut === 0 ? bytes.toString('utf8').replace(/\r$/, '') : `${wholeCharacters(bytes)}… (${this.#leftOut} more bytes)`
    this.#pieces = []
    this.#held = 0
    this.#leftOut = 0
    this.#onLine(line)
  }
}

/** A decoder that may go on keeps the beginning of a character back. */
function wholeCharacters(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes, { stream: true })
}
