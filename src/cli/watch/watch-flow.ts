import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { PypeError } from '../../core/errors.js'
import { formatQuantity } from '../../core/quantity.js'
import { EXIT } from '../exit-codes.js'
import { findChanged, findWatched, type Snapshot, takeSnapshot, type Watched, withFolder } from './snapshot.js'
import { BUILT, CANCEL, STOP, WATCHED } from './watched-run.js'

/** How often the files are looked at, in ms. Looking works on every disk, network disks and mounted folders of containers included. */
const PERIOD = 200

/** How long a run that is to end at once may take to tidy up the terminal, in ms: code of a module may keep it from hearing anything. */
const TIDIES_IN = 1000

/** A flow that is run again whenever one of its files is saved. */
export interface Watch {
  /** The flow file; relative paths start at `cwd`. */
  readonly flow: string
  readonly context: string | undefined
  readonly cwd: string
  /** The command that builds and runs it once. */
  readonly command: readonly [program: string, ...args: string[]]
  readonly env: NodeJS.ProcessEnv
  readonly tell: (text: string) => void
  /** Aborted to end: a run that is going on is cancelled first. */
  readonly signal: AbortSignal
  /** Aborted to end a run that is being cancelled at once. */
  readonly force: AbortSignal
}

/**
 * Runs a flow, and again after each change of its files. Each time is a process of its own: code of modules is loaded anew, and whatever ends it - wrong
 * YAML, a failed run, a lack of memory - the watch goes on. A run that is going on when a file changes is cancelled, as by Ctrl-C, before
 * the next one starts. Returns the exit code: 130 when the end cancelled a run, else 0. Throws FILE_NOT_FOUND
 * when `cwd` is gone.
 */
export async function watchFlow(watch: Watch): Promise<number> {
  const { cwd, tell, signal } = watch
  const flow = path.resolve(cwd, watch.flow)
  let watched = await findWatched(flow, watch.context, cwd)
  while (!signal.aborted) {
    if (!existsSync(cwd))
      throw new PypeError('FILE_NOT_FOUND', `The folder ${cwd} is gone.`, { hint: 'start the watch in the folder that is there now' })
    const changed = new Look(watched, await takeSnapshot(watched))
    const run = startRun(watch, () => changed.forgive(path.join(watched.job, 'context')))
    const ended = once(run, 'close')
    const first = await Promise.race([changed.next(signal), ended.then((): undefined => undefined)])
    if (first === undefined && !signal.aborted) {
      tell(`watching ${formatQuantity(changed.count, 'file')} of ${watch.flow}; Ctrl-C ends\n`)
    } else if (run.connected) run.send(CANCEL)
    await ended
    // Null: a signal has ended it, before it could put its exit code in order.
    if (signal.aborted) return run.exitCode === null || run.exitCode === EXIT.cancelled ? EXIT.cancelled : EXIT.completed
    const saved = first ?? (await changed.next(signal))
    if (saved === undefined) return EXIT.completed
    tell(`\n${saved.map((file) => path.relative(cwd, file)).join(', ')} changed\n`)
    watched = await findWatched(flow, watch.context, cwd, watched.name)
  }
  return EXIT.completed
}

function startRun({ command: [program, ...args], cwd, env, force }: Watch, onBuilt: () => void): ChildProcess {
  const child = spawn(program, args, { cwd, env: { ...env, [WATCHED]: '1' }, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  let kill: NodeJS.Timeout | undefined
  const stop = () => {
    if (child.connected) child.send(STOP)
    kill = setTimeout(() => child.kill('SIGKILL'), child.connected ? TIDIES_IN : 0)
  }
  force.addEventListener('abort', stop, { once: true })
  child.once('close', () => {
    force.removeEventListener('abort', stop)
    clearTimeout(kill)
  })
  child.on('message', (message) => {
    if (message === BUILT) onBuilt()
  })
  // The channel closes with the process, which may be just before it is told something.
  child.on('error', () => {})
  return child
}

/** Looks at the files again and again, from a first state on. */
class Look {
  #base: Snapshot
  #last: Snapshot
  #forgiven: string | undefined
  #found: Promise<readonly string[] | undefined> | undefined
  readonly #watched: Watched

  constructor(watched: Watched, base: Snapshot) {
    this.#watched = watched
    this.#base = base
    this.#last = base
  }

  /** Files that are looked at. */
  get count(): number {
    return this.#last.size
  }

  /** What has changed in this folder up to now is no change: a build did it. */
  forgive(folder: string): void {
    this.#forgiven = folder
  }

  /** Waits for files that have changed and then stayed as they are for a moment: an editor may save in several steps. Undefined when it is aborted. */
  next(signal: AbortSignal): Promise<readonly string[] | undefined> {
    this.#found ??= this.#look(signal)
    return this.#found
  }

  async #look(signal: AbortSignal): Promise<readonly string[] | undefined> {
    for (;;) {
      await pause(PERIOD, undefined, { signal }).catch(() => {})
      if (signal.aborted) return undefined
      const now = await takeSnapshot(this.#watched)
      if (this.#forgiven !== undefined) {
        this.#base = withFolder(this.#base, now, this.#forgiven)
        this.#forgiven = undefined
      }
      const changed = findChanged(this.#base, now)
      const isSettled = findChanged(this.#last, now).length === 0
      this.#last = now
      if (changed.length > 0 && isSettled) return changed
    }
  }
}
