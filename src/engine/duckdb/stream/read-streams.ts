import { rm } from 'node:fs/promises'
import { PypeError } from '../../../core/errors.js'
import type { StreamRelation } from '../../../sdk/relation.js'
import type { StatementOptions } from '../../engine.js'
import { blame } from '../failure/blame.js'
import { feed } from './feed.js'
import { makeFifos } from './fifo.js'
import type { StreamPaths } from './stream-text.js'

/**
 * Does what runs a statement over some streams, and sends their rows meanwhile. It succeeds only when each sender whose end the
 * statement saw said that all was sent; an error of a sender ends the statement at once and is thrown in its place, with the node
 * of the stream. Afterwards nothing is left: no pipe, no descriptor, no sender.
 */
export async function readStreams<T>(
  streams: readonly StreamRelation[],
  folder: string,
  { names, signal }: StatementOptions,
  work: (paths: StreamPaths, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (streams.length === 0) return work(new Map(), signal)
  const files = await makeFifos(folder, streams.length)
  const over = new AbortController()
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const paths = new Map(streams.map((stream, i) => [stream, files[i] ?? '']))
  const feeds = [...paths].map(([stream, path]) =>
    feed(stream, path, { stop, over: over.signal, fail: (error) => failed.abort(blame(error, stream, names)) }),
  )
  try {
    const result = await work(paths, stop).catch((error: unknown) => {
      throw ofSender(error, paths, names)
    })
    over.abort()
    await Promise.all(feeds)
    // The engine may have ended well right before the sender failed.
    failed.signal.throwIfAborted()
    return result
  } finally {
    over.abort()
    await Promise.all(feeds)
    await Promise.all(files.map((file) => rm(file, { force: true })))
  }
}

/** What the engine says of a row that it got from a pipe names the pipe. */
function ofSender(error: unknown, paths: StreamPaths, names: StatementOptions['names']): unknown {
  if (!(error instanceof PypeError)) return error
  for (const [stream, path] of paths) {
    if (!error.message.startsWith(path)) continue
    const told = new PypeError(error.code, `What was sent${error.message.slice(path.length)}`, {
      hint: 'look at the sender: it sent something else than what it said of its columns',
      cause: error.cause,
    })
    const own = blame(told, stream, names)
    return own.node === undefined ? own.with({ node: error.node }) : own
  }
  return error
}
