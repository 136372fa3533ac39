import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { PypeError } from '../../../core/errors.js'
import { throwIfAborted } from '../session.js'
import { makeFifos, openReadingEnd, wakeWriter } from './fifo.js'

/** A statement that writes to a pipe, and who reads from it. */
export interface Sending<T> {
  /** For the pipe. */
  readonly folder: string
  readonly signal: AbortSignal
  /** Resolves with the number of rows. */
  readonly run: (path: string, signal: AbortSignal) => Promise<number>
  readonly consume: (bytes: Readable) => Promise<T>
}

/**
 * Runs a statement that writes to a pipe, and hands the bytes to `consume`. Each side that fails ends the other one at once: the
 * bytes end without an error only after the statement has succeeded. Throws the error that came first.
 */
export async function sendRows<T>({ folder, signal, run, consume }: Sending<T>): Promise<{ readonly result: T; readonly rows: number }> {
  throwIfAborted(signal)
  const [path = ''] = await makeFifos(folder, 1)
  const { bytes, release } = openReadingEnd(path)
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const ending = endBoth(bytes, path, stop)
  // A consumer that does not read any more hears of the error in its own way, or not at all.
  bytes.on('error', () => {})
  const writing = run(path, stop)
    .finally(ending.setWritten)
    .then((rows) => {
      release()
      return rows
    })
  const reading = readToEnd(bytes, consume)
  // The statement fails also when nobody reads any more: the consumer knows why.
  writing.catch((error: unknown) => {
    if (stop.aborted || !bytes.destroyed) failed.abort(error)
  })
  reading.catch((error: unknown) => failed.abort(error))
  try {
    await Promise.allSettled([writing, reading])
    throwIfAborted(signal)
    failed.signal.throwIfAborted()
    return { rows: await writing, result: await reading }
  } finally {
    await ending.close()
    bytes.destroy()
    release()
    await rm(path, { force: true })
  }
}

/**
 * Ends both sides of a pipe as soon as `stop` is aborted, until `close`. The engine may wait for somebody to read: of what it writes,
 * or in the opening of the pipe; so it is woken until `setWritten` says that its statement is over.
 */
function endBoth(bytes: Readable, path: string, stop: AbortSignal): { setWritten(): void; close(): Promise<void> } {
  let isWritten = false
  let waking: Promise<void> | undefined
  const end = () => {
    bytes.destroy(asError(stop.reason))
    waking = wakeWriter(path, () => isWritten)
  }
  stop.addEventListener('abort', end, { once: true })
  if (stop.aborted) end()
  return {
    setWritten: () => {
      isWritten = true
    },
    close: async () => {
      stop.removeEventListener('abort', end)
      await waking
    },
  }
}

async function readToEnd<T>(bytes: Readable, consume: Sending<T>['consume']): Promise<T> {
  const result = await consume(bytes)
  if (bytes.readableEnded) return result
  throw new PypeError('MODULE_FAILED', 'Rows were sent and not read to their end.', {
    hint: 'for the author of the module: read the stream until it ends',
  })
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
