/** Bytes behind the bound that are read all the same, so that a secret across it is found. */
const BEHIND = 16 * 1024

/** Splits a stream into lines, each shown up to a bound. */
export class LineReader {
  readonly #longest: number
  readonly #mask: (text: string) => string
  readonly #onLine: (line: string) => void
  #pieces: Uint8Array[] = []
  #held = 0
  #leftOut = 0

  /** `longest`: bytes of a line that are shown; what was left out is said at its end. A line is masked before it is cut. */
  constructor(longest: number, mask: (text: string) => string, onLine: (line: string) => void) {
    this.#mask = mask
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
    const kept = piece.subarray(0, this.#longest + BEHIND - this.#held)
    if (kept.length > 0) this.#pieces.push(Uint8Array.from(kept))
    this.#held += kept.length
    this.#leftOut += piece.length - kept.length
  }

  #finish(): void {
    const bytes = Buffer.concat(this.#pieces)
    const line = bytes.length <= this.#longest ? bytes.toString('utf8').replace(/\r$/, '') : this.#cut(bytes)
    this.#pieces = []
    this.#held = 0
    this.#leftOut = 0
    this.#onLine(line)
  }

  #cut(bytes: Uint8Array): string {
    const masked = Buffer.from(this.#mask(wholeCharacters(bytes)))
    // The end of what was held may be the beginning of a secret, which the mask does not know by it.
    const shown = Math.min(this.#longest, masked.length - (this.#leftOut === 0 ? 0 : BEHIND))
    const more = bytes.length + this.#leftOut - this.#longest
    return `${wholeCharacters(masked.subarray(0, Math.max(0, shown)))}… (${more} more bytes)`
  }
}

/** A decoder that may go on keeps the beginning of a character back. */
function wholeCharacters(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes, { stream: true })
}
