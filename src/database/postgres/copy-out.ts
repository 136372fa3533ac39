import { Readable } from 'node:stream'
import { to } from 'pg-copy-streams'
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
): Promise<Readable> {
  const copy = to(text, { highWaterMark: BUFFER })
  lease.client.query(copy)
  await new Promise((resolve, reject) => {
    copy.once('readable', resolve)
    copy.once('error', reject)
  })
  let isOver = false
  // Only what was asked for: more has come than the reader takes whenever it is slower than the server.
  let isWanted = false
  const push = () => {
    while (isWanted) {
      const chunk = copy.read()
      if (chunk === null) return
      isWanted = out.push(chunk)
    }
  }
  const cancel = () => out.destroy(signal && cancelled(signal))
  const out = new Readable({
    highWaterMark: BUFFER,
    read: () => {
      isWanted = true
      push()
    },
    destroy: (error, done) => {
      signal?.removeEventListener('abort', cancel)
      if (!isOver) {
        // Both: a server that computes notices the cancel, one that waits for its client to read notices that it is gone.
        lease.cancel()
        lease.destroy()
      }
      done(error)
    },
  })
  copy.on('readable', push)
  copy.once('end', () => {
    isOver = true
    out.push(null)
  })
  copy.on('error', (error) => {
    isOver = true
    out.destroy(explain(error))
  })
  signal?.addEventListener('abort', cancel, { once: true })
  if (signal?.aborted) cancel()
  return out
}
