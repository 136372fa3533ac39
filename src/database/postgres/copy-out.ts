import { Readable } from 'node:stream'
import type { Connection, Submittable } from 'pg'
import { CopyData } from './copy-data.js'
import { cancelled, type Lease } from './lease.js'

/** Bytes that wait for a reader at most. */
const BUFFER = 1 << 18

/**
 * What a `COPY … TO STDOUT` sends, read no faster than its reader takes it. Resolves when the first bytes are there. The stream ends
 * when the server has said that it sent all; whoever destroys it before ends the connection with it, which is amid the rows.
 */
export async function copyOut(
  lease: Lease,
  text: string,
  explain: (error: unknown) => Error,
  signal: AbortSignal | undefined,
  longestRow: number | undefined,
): Promise<Readable> {
  const rows = new CopiedRows(lease, text, explain, new CopyData(longestRow))
  const cancel = () => rows.destroy(signal && cancelled(signal))
  signal?.addEventListener('abort', cancel, { once: true })
  rows.once('close', () => signal?.removeEventListener('abort', cancel))
  lease.client.query(rows)
  await new Promise((resolve, reject) => {
    rows.once('readable', resolve)
    rows.once('error', reject)
  })
  if (signal?.aborted) cancel()
  return rows
}

/**
 * A query of pg that takes the connection's bytes for itself as long as the server copies: pg and pg-copy-streams make an object of
 * each row.
 */
class CopiedRows extends Readable implements Submittable {
  readonly #lease: Lease
  readonly #text: string
  readonly #explain: (error: unknown) => Error
  readonly #copyData: CopyData
  #isOver = false

  constructor(lease: Lease, text: string, explain: (error: unknown) => Error, copyData: CopyData) {
    super({ highWaterMark: BUFFER })
    this.#lease = lease
    this.#text = text
    this.#explain = explain
    this.#copyData = copyData
  }

  /** Called by pg when it is this query's turn. */
  submit(connection: Connection): void {
    const { stream } = connection
    const others = stream.listeners('data')
    stream.removeAllListeners('data')
    const take = (piece: Buffer) => {
      if (this.destroyed) return
      const taken = this.#take(piece)
      if (taken === undefined) return
      const { data, rest } = taken
      // Only what was asked for: more has come than the reader takes whenever it is slower than the server.
      if (data.length > 0 && !this.push(data)) stream.pause()
      if (rest === undefined) return
      stream.off('data', take)
      for (const other of others) stream.on('data', other as (piece: Buffer) => void)
      stream.unshift(rest)
      stream.resume()
    }
    stream.on('data', take)
    connection.query(this.#text)
  }

  /** A row that is too long ends the copy amid its bytes. */
  #take(piece: Buffer): ReturnType<CopyData['take']> | undefined {
    try {
      return this.#copyData.take(piece)
    } catch (error) {
      this.destroy(this.#explain(error))
      return undefined
    }
  }

  /** Called by pg with an error of the server, or of the connection. */
  handleError(error: unknown): void {
    this.#isOver = true
    this.destroy(this.#explain(error))
  }

  /** Called by pg when the server says that it has sent all rows. */
  handleCommandComplete(): void {
    this.#isOver = true
    this.push(null)
  }

  /** Called by pg when the connection may be used again. */
  handleReadyForQuery(): void {}

  override _read(): void {
    this.#lease.client.connection.stream.resume()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#isOver) {
      // Both: a server that computes notices the cancel, one that waits for its client to read notices that it is gone.
      this.#lease.cancel()
      this.#lease.destroy()
    }
    done(error)
  }
}
