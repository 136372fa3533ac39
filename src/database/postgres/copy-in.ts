import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from } from 'pg-copy-streams'
import type { Lease } from './lease.js'

/**
 * Sends bytes to a `COPY … FROM STDIN`, no faster than the server takes them. Resolves with the number of rows when the server has
 * taken all of them. When the bytes end with an error, the server is told that they are not whole.
 */
export async function copyIn(lease: Lease, text: string, bytes: Readable, signal: AbortSignal | undefined): Promise<number> {
  const copy = from(text)
  // The answer to a copy that was given up comes when nobody waits for it any more.
  copy.on('error', () => undefined)
  lease.client.query(copy)
  await pipeline(bytes, copy, { ...(signal ? { signal } : {}) })
  return copy.rowCount
}
