/** Bytes before those that are kept, so that a secret across the cut is found. */
const BEFORE = 16 * 1024

/** Keeps the end of what a stream yields, in bounded memory. */
export class OutputTail {
  readonly #most: number
  #chunks: Uint8Array[] = []
  #kept = 0
  #bytes = 0

  /** `most`: bytes to keep. */
  constructor(most: number) {
    this.#most = most
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    // A copy: a slice would hold on to the whole chunk.
    this.#chunks.push(Uint8Array.from(chunk.subarray(Math.max(0, chunk.length - this.#most - BEFORE))))
    this.#kept += this.#chunks.at(-1)?.length ?? 0
    for (let first = this.#chunks[0]; first !== undefined && this.#kept - first.length >= this.#most + BEFORE; first = this.#chunks[0]) {
      this.#chunks.shift()
      this.#kept -= first.length
    }
  }

  /** Bytes of the whole stream. */
  get bytes(): number {
    return this.#bytes
  }

  get isCut(): boolean {
    return this.#bytes > this.#most
  }

  /** The text as `$(…)` takes it: without NUL and without the ends of lines at its end. One that was cut begins with a whole line, or else a whole character; it is masked before. */
  text(mask: (text: string) => string): string {
    const joined = Buffer.concat(this.#chunks)
    const kept = this.isCut ? cutFront(this.#end(joined, mask)) : joined
    return kept.toString('utf8').replaceAll('\0', '').replace(/\n+$/, '')
  }

  #end(joined: Buffer, mask: (text: string) => string): Buffer {
    const masked = Buffer.from(mask(joined.toString('utf8')))
    // The beginning of what was kept may be the end of a secret, which the mask does not know by it.
    const unknown = this.#bytes > joined.length ? BEFORE : 0
    return masked.subarray(Math.max(unknown, masked.length - this.#most))
  }
}

function cutFront(bytes: Buffer): Buffer {
  const line = bytes.indexOf(10)
  if (line >= 0 && line < bytes.length - 1) return bytes.subarray(line + 1)
  let at = 0
  // Bytes within a character of UTF-8 begin with the bits 10; there are at most three of them.
  while (at < 3 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++
  return bytes.subarray(at)
}
