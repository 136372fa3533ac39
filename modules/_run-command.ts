import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { endGroup, keepGroup, releaseGroup } from './_process-group.js'

/** What to run, without a shell in between. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  /** Absolute. */
  readonly cwd: string
  readonly env: { readonly [name: string]: string }
  readonly stdin: string | undefined
  readonly timeoutSeconds: number | undefined
  readonly signal: AbortSignal
  readonly onData: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void
}

/** How a command ended: by an exit code or by a signal. */
export interface CommandEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Why it was ended from here. */
  readonly stopped: 'timeout' | 'cancelled' | undefined
  /** A process that it left behind still held its output. */
  readonly leftOpen: boolean
}

/** From the request to end until the end by force. */
const GRACE_MS = 1000
/** Output that is silent for this long after the command's end is held open by somebody else. */
const QUIET_MS = 300
/** Longest wait for the rest of the output. */
const DRAIN_MS = 5000
const LONGEST_TIMER = 2 ** 31 - 1

/*
 * running  -> ended     its process has ended by itself
 * running  -> stopping  the timeout, or a cancel: the group gets SIGTERM, after a grace SIGKILL
 * stopping -> ended     the whole group was ended
 * ended    -> closed    its output has ended, or only a process that was left behind holds it
 */

/** Runs a command in a process group of its own. Rejects with the system's error when it cannot be started. */
export async function runCommand(command: Command): Promise<CommandEnd> {
  const child = start(command)
  const { signal: cancel, timeoutSeconds } = command
  let stopped: CommandEnd['stopped']
  let ending: Promise<void> | undefined
  const stop = (why: 'timeout' | 'cancelled') => {
    stopped ??= why
    if (child.pid !== undefined) ending ??= endGroup(child.pid, GRACE_MS)
  }
  const onCancel = () => stop('cancelled')
  cancel.addEventListener('abort', onCancel, { once: true })
  if (cancel.aborted) onCancel()
  const limit = timeoutSeconds === undefined ? undefined : setTimeout(() => stop('timeout'), Math.min(timeoutSeconds * 1000, LONGEST_TIMER))
  try {
    const { code, signal } = await exitOf(child)
    clearTimeout(limit)
    await ending
    const leftOpen = await drain(child, () => stopped !== undefined)
    await ending
    return { code, signal, stopped, leftOpen }
  } finally {
    clearTimeout(limit)
    cancel.removeEventListener('abort', onCancel)
    if (child.pid !== undefined) releaseGroup(child.pid)
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
  }
}

function start({ file, args, cwd, env, stdin, onData }: Command): ChildProcessWithoutNullStreams {
  // A group of its own, so that all that it starts can be ended with it.
  const child = spawn(file, args, { cwd, env, detached: true })
  if (child.pid !== undefined) keepGroup(child.pid)
  child.stdout.on('data', (chunk: Uint8Array) => onData('stdout', chunk))
  child.stderr.on('data', (chunk: Uint8Array) => onData('stderr', chunk))
  // A command need not read its input to the end.
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin ?? '')
  return child
}

function exitOf(child: ChildProcessWithoutNullStreams): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

/** Waits for the rest of the output. True when it has no end because somebody else holds it. */
async function drain(child: ChildProcessWithoutNullStreams, isStopped: () => boolean): Promise<boolean> {
  const streams = [child.stdout, child.stderr].filter((stream) => !stream.readableEnded && !stream.destroyed)
  if (streams.length === 0) return false
  return new Promise((resolve) => {
    let heard = false
    let open = streams.length
    const until = performance.now() + DRAIN_MS
    const listen = () => {
      heard = true
    }
    const finish = (leftOpen: boolean) => {
      clearInterval(timer)
      resolve(leftOpen)
    }
    // What is in the pipe is read before the check, also when the process was busy for a while.
    const check = () =>
      setImmediate(() => {
        if (!heard || isStopped() || performance.now() >= until) finish(true)
        heard = false
      })
    const timer = setInterval(check, QUIET_MS)
    for (const stream of streams) {
      stream.on('data', listen)
      stream.once('close', () => {
        open--
        if (open === 0) finish(false)
      })
    }
  })
}
