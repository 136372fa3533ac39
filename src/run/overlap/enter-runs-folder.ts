import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type OverlapPolicy } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { formatQuantity } from '../../core/quantity.js'
import { type FolderLock, tryFolderLock } from '../../engine/duckdb/folder-lock.js'
import { claimLeftovers, findUnfinished, type Leftover, releaseLeftovers } from '../checkpoint/settle/leftovers.js'

/** How a start that meets another run of its job behaves. */
export interface OverlapOptions {
  readonly policy: OverlapPolicy
  /** Aborted to give up waiting. */
  readonly signal?: AbortSignal | undefined
  /** Told when the waiting begins, and when it is another run that is waited for; undefined: a run that has no folder yet. */
  readonly onWait?: ((run: string | undefined) => void) | undefined
  /** Milliseconds that another start may take to settle what killed runs have left; {@link LONGEST_SETTLING} when undefined. */
  readonly longestSettling?: number | undefined
}

/** The right to run in a runs folder. */
export interface Entry {
  /** What killed runs have left: the holder settles it, before `settled`. */
  readonly leftovers: readonly Leftover[]
  /** Takes the folder of a killed run, with its lock, out of the leftovers. Undefined: it is not among them. */
  adopt(folder: string): FolderLock | undefined
  /** Lets the next start look at the runs folder: call it when the leftovers are settled and the own run's folder is locked. */
  settled(): Promise<void>
  /** How long the start has waited for other runs; 0 when none was in the way. */
  readonly waitedSeconds: number
  /** Lets the next run of the job start. */
  leave(): Promise<void>
}

/** Held while a start looks for leftovers and settles them, so that no two do. */
const STARTING_FILE = '.starting.duckdb'
/** Milliseconds between two looks at a lock: short for a start that another one holds up, then growing. */
const FIRST_DELAY = 20
const LONGEST_DELAY = 1000
/** Milliseconds: to finish the commits of killed runs may take long, where a table is filled again. */
const LONGEST_SETTLING = 10 * 60 * 1000

/**
 * Enters a runs folder as the policy says. A run is going on while it holds the lock of the runs folder, or, when it was started with
 * `allow`, that of its own folder. Throws RUN_BUSY (`fail`; and, unless the policy is `wait`, when another start settles for too long), RUN_SKIPPED
 * (`skip`) and, when the signal ends the waiting, CANCELLED.
 */
export async function enterRunsFolder(runsFolder: string, options: OverlapOptions): Promise<Entry> {
  const begun = performance.now()
  let told: { readonly run: string | undefined } | undefined
  for (let delay = FIRST_DELAY; ; delay = Math.min(2 * delay, LONGEST_DELAY)) {
    const attempt = await tryToEnter(runsFolder, options)
    if ('leave' in attempt) return told === undefined ? attempt : { ...attempt, waitedSeconds: (performance.now() - begun) / 1000 }
    if (options.policy !== 'wait') throw describeBusy(runsFolder, options.policy, attempt.busy)
    if (told === undefined || told.run !== attempt.busy) {
      told = { run: attempt.busy }
      options.onWait?.(attempt.busy)
    }
    await pause(delay, options.signal)
  }
}

/** Enters, or says which run is in the way. */
async function tryToEnter(
  runsFolder: string,
  { policy, signal, longestSettling = LONGEST_SETTLING }: OverlapOptions,
): Promise<Entry | { readonly busy: string | undefined }> {
  const job = policy === 'allow' ? undefined : await tryFolderLock(runsFolder)
  if (policy !== 'allow' && job === undefined) return { busy: existsSync(runsFolder) ? findUnfinished(runsFolder).at(-1) : undefined }
  let starting: FolderLock | undefined
  try {
    starting = await waitForStarting(runsFolder, longestSettling, signal)
    if (starting === undefined && policy !== 'wait') throw settlesForLong(runsFolder, longestSettling)
    if (starting === undefined) {
      await job?.release()
      return { busy: undefined }
    }
    const { leftovers, goingOn } = await claimLeftovers(runsFolder)
    if (policy === 'allow' || goingOn.length === 0) return createEntry(leftovers, starting, job)
    await releaseLeftovers(leftovers)
    await starting.release()
    await job?.release()
    return { busy: goingOn.at(-1) }
  } catch (error) {
    await starting?.release()
    await job?.release()
    throw error
  }
}

/**
 * Takes the lock under which starts look for leftovers. Whoever holds it lets go as soon as its leftovers are settled, so every policy
 * waits for it. Undefined: it was not to be had for `longest` milliseconds. Throws FILE_UNWRITABLE, FILE_CORRUPT and CANCELLED.
 */
export async function waitForStarting(runsFolder: string, longest: number, signal?: AbortSignal): Promise<FolderLock | undefined> {
  const begun = performance.now()
  for (let delay = FIRST_DELAY; ; delay = Math.min(2 * delay, LONGEST_DELAY)) {
    const lock = await tryFolderLock(runsFolder, STARTING_FILE)
    if (lock !== undefined) return lock
    const left = longest - (performance.now() - begun)
    if (left <= 0) return undefined
    await pause(Math.min(delay, left), signal)
  }
}

function createEntry(found: readonly Leftover[], starting: FolderLock, job: FolderLock | undefined): Entry {
  const leftovers = [...found]
  let isStarting = true
  const settled = async (): Promise<void> => {
    if (!isStarting) return
    isStarting = false
    await starting.release()
  }
  return {
    leftovers,
    waitedSeconds: 0,
    adopt: (folder) => {
      const at = leftovers.findIndex((leftover) => leftover.folder === folder)
      return at < 0 ? undefined : leftovers.splice(at, 1)[0]?.lock
    },
    settled,
    leave: async () => {
      // Those that could not be settled.
      await releaseLeftovers(leftovers)
      await settled()
      await job?.release()
    },
  }
}

async function pause(delay: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delay, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    throw new PypeError('CANCELLED', 'The run was cancelled while it waited for another one of the job.', { cause: error })
  }
}

function settlesForLong(runsFolder: string, longest: number): PypeError {
  const seconds = Math.round(longest / 1000)
  return new PypeError(
    'RUN_BUSY',
    `Another start has been settling what killed runs have left in ${runsFolder} for more than ${formatQuantity(seconds, 'second')}.`,
    { hint: 'look for another `pype run` that waits for a database or was stopped, and end it; then start again' },
  )
}

function describeBusy(runsFolder: string, policy: OverlapPolicy, run: string | undefined): PypeError {
  const which = run === undefined ? `it holds ${runsFolder}` : `${run} in ${runsFolder}`
  if (policy === 'skip') return new PypeError('RUN_SKIPPED', `Another run of this job is going on (${which}), and this one is skipped.`)
  return new PypeError('RUN_BUSY', `Another run of this job is going on (${which}).`, {
    hint: `${run === undefined ? '`pype runs` lists what goes on' : `\`pype show ${run}\` shows how far it is`}; wait for its end (\`--on-overlap wait\` does), or cancel it`,
  })
}
