import { once } from 'node:events'

/** Writes to stdout as fast as its reader reads; false when nobody reads any more. */
export async function writeAsRead(text: string | Uint8Array): Promise<boolean> {
  const { stdout } = process
  if (!stdout.write(text) && stdout.writable) {
    const settled = new AbortController()
    const { signal } = settled
    // A reader that goes away is no failure, and a full disk is told at the end of the command.
    await Promise.race([once(stdout, 'drain', { signal }), once(stdout, 'close', { signal })]).catch(() => undefined)
    settled.abort()
  }
  return stdout.writable
}
