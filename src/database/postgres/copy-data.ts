import { PypeError } from '../../core/errors.js'

/** Bytes before what a message holds: its kind, and its length without the kind. */
const HEADER = 5
const COPY_DATA = 'd'.charCodeAt(0)
/** What may come between them: CopyOutResponse, ParameterStatus, NoticeResponse, NotificationResponse. */
const PASSED_OVER = new Set(['H', 'S', 'N', 'A'].map((kind) => kind.charCodeAt(0)))

/**
 * What the CopyData messages of a server hold. A message is a row, so there are millions: their contents are moved together within the
 * piece that they came in, which costs a third of a copy of each, and leaves nothing to collect.
 *
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY
 */
export class CopyData {
  /** The part of a header that came at the end of a piece. */
  #started: Buffer = Buffer.alloc(0)
  /** Bytes of the message that are still to come. */
  #left = 0
  #isData = false
  readonly #longestRow: number

  /** A message of more bytes than `longestRow` is an error. */
  constructor(longestRow = Number.POSITIVE_INFINITY) {
    this.#longestRow = longestRow
  }

  /**
   * The contents within the next piece, which is written over. `rest` is what begins with the first message that is not of the copy:
   * its end, or an error. Nothing may be taken afterwards. Throws BAD_ROW for a row that is too long.
   */
  take(piece: Buffer): { readonly data: Buffer; readonly rest?: Buffer } {
    const bytes = this.#started.length === 0 ? piece : Buffer.concat([this.#started, piece])
    let to = 0
    let at = 0
    for (;;) {
      const end = Math.min(at + this.#left, bytes.length)
      if (this.#isData) {
        if (to !== at) bytes.copyWithin(to, at, end)
        to += end - at
      }
      this.#left -= end - at
      at = end
      if (this.#left > 0 || bytes.length - at < HEADER) break
      const kind = bytes[at] ?? 0
      this.#isData = kind === COPY_DATA
      if (!this.#isData && !PASSED_OVER.has(kind)) return { data: bytes.subarray(0, to), rest: bytes.subarray(at) }
      this.#left = bytes.readUInt32BE(at + 1) - (HEADER - 1)
      if (this.#isData && this.#left > this.#longestRow) throw tooLong(this.#left, this.#longestRow)
      at += HEADER
    }
    this.#started = bytes.subarray(at)
    return { data: bytes.subarray(0, to) }
  }
}

function tooLong(bytes: number, longest: number): PypeError {
  return new PypeError('BAD_ROW', `A row that the server sent has ${bytes} bytes, and the engine reads rows of ${longest} at most.`, {
    hint: 'leave out the columns with long values, or shorten them in a query; rows that go to a postgres_sink without a module in between may be longer',
  })
}
