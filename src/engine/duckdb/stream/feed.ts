import { rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { addAbortSignal, type Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { PypeError } from '../../../core/errors.js'
import type { StreamRelation } from '../../../sdk/relation.js'
import { openWritingEnd } from './fifo.js'
import { MAX_ROW_BYTES } from './stream-text.js'

/** How often it is looked whether the engine has begun to read, in milliseconds: a query over a table is quicker than this. */
const LOOK_EVERY_MS = 2
const LF = 10

/**
 * Ends what the engine reads with an error of its CSV reader, wherever the bytes before were cut off: an end of file alone says that
 * all rows came. Behind half a quoted text the first quote closes it, and an `x` may not follow; anywhere else it opens one that
 * nothing closes.
 */
const BROKEN_END = '\n"x'

/** The statement that a stream is sent to. */
export interface FedStatement {
  /** The rows are not wanted any more: the run was cancelled, or another part of the statement failed. */
  readonly stop: AbortSignal
  /** The statement has ended, well or not. */
  readonly over: AbortSignal
  /** Hears at once of an error of the sender. */
  readonly fail: (error: unknown) => void
}

/**
 * Sends the rows of a stream into a pipe for the time of a statement. Resolves when the engine has all of them or needs no more.
 *
 *     waiting -> (the engine opens the pipe) -> opening the sender -> sending -> ended
 *     waiting -> (the statement is over) -> nothing was opened
 *     opening, sending -> (the sender fails, or `stop`) -> broken end: the statement cannot take the rest for the whole
 *     sending -> (the engine closes the pipe, or `over`) -> the sender is destroyed
 */
export async function feed(stream: StreamRelation, path: string, { stop, over, fail }: FedStatement): Promise<void> {
  const pipe = await whenRead(path, over)
  if (pipe === undefined) return
  const broken = new AbortController()
  // That the engine reads no further is its right: a LIMIT, or a failure of its own.
  pipe.on('error', (error) => broken.abort(error))
  const unwanted = AbortSignal.any([stop, over, broken.signal])
  try {
    unwanted.throwIfAborted()
    await pump(stream, pipe, unwanted)
    pipe.end()
  } catch (error) {
    if (!unwanted.aborted) fail(error)
    pipe.end(BROKEN_END)
  }
  await closed(pipe, over)
}

/** Waits without a thread until the engine has opened the pipe, or the statement is over. */
async function whenRead(path: string, over: AbortSignal): Promise<Socket | undefined> {
  while (!over.aborted) {
    const pipe = openWritingEnd(path)
    if (pipe !== undefined) {
      // The rows come once: whoever opens it again must fail, not wait for ever.
      await rm(path)
      return pipe
    }
    await delay(LOOK_EVERY_MS)
  }
  return undefined
}

/** Waits until the engine has taken what is in the pipe, as long as there is a statement that may. */
async function closed(pipe: Socket, over: AbortSignal): Promise<void> {
  const destroy = () => pipe.destroy()
  over.addEventListener('abort', destroy, { once: true })
  if (over.aborted) destroy()
  if (!pipe.closed) await new Promise((resolve) => pipe.once('close', resolve))
  over.removeEventListener('abort', destroy)
}

async function pump(stream: StreamRelation, pipe: Socket, unwanted: AbortSignal): Promise<void> {
  const bytes = addAbortSignal(unwanted, await stream.open(unwanted))
  let last: string | number = LF
  let unended = 0
  bytes.on('data', (piece: Buffer | string) => {
    unended = measureUnended(piece, unended)
    if (unended > MAX_ROW_BYTES) bytes.destroy(tooLong())
    last = (typeof piece === 'string' ? piece.charCodeAt(piece.length - 1) : piece[piece.length - 1]) ?? last
  })
  bytes.pipe(pipe, { end: false })
  await ended(bytes, unwanted)
  if (last !== LF)
    throw new PypeError('BAD_ROW', 'What was sent ends in the middle of a row.', {
      hint: 'run it again; if it happens again, look at the sender',
    })
}

/** Bytes since the last end of a line, or before the first one in a piece when that are more than can be read: the engine loses such rows. */
function measureUnended(piece: Buffer | string, before: number): number {
  const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
  const first = bytes.indexOf(LF)
  if (first < 0) return before + bytes.length
  return before + first > MAX_ROW_BYTES ? before + first : bytes.length - bytes.lastIndexOf(LF) - 1
}

function tooLong(): PypeError {
  return new PypeError('BAD_ROW', `What was sent has a row of more than ${MAX_ROW_BYTES} bytes, the most that can be read.`, {
    hint: 'leave out or shorten the long values before they are sent',
  })
}

/** Rejects also when the sender has not ended well, and at once when it is not wanted any more: some take their time to be destroyed. */
function ended(bytes: Readable, unwanted: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    bytes.once('end', resolve)
    bytes.on('error', reject)
    bytes.once('close', () => reject(new PypeError('MODULE_FAILED', 'The sender of rows went away before it had sent all of them.')))
    unwanted.addEventListener('abort', () => reject(unwanted.reason), { once: true })
    if (unwanted.aborted) reject(unwanted.reason)
  })
}
