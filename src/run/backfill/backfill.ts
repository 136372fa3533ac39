import { PypeError, toCodedError } from '../../core/errors.js'
import { type EventError, type RunEvent, type RunStatus, toEventError } from '../../core/events.js'
import { leavesCommitOpen } from '../checkpoint/commit/open-commit.js'
import { createKin } from '../child/start-child.js'
import { executeRun } from '../execute-run.js'
import { purposeOf } from '../housekeeping/completed-times.js'
import { countPoolThreads } from '../job/engine-share.js'
import { Emitter, type Listener } from '../observe/emitter.js'
import { maskEvent } from '../observe/mask-event.js'
import type { RunSummary } from '../observe/summary.js'
import { enterRunsFolder } from '../overlap/enter-runs-folder.js'
import { type PreparedRun, prepareRun } from '../prepare-run.js'
import { chooseRun } from '../resume/choose-run.js'
import { goOn } from '../resume/resume-job.js'
import type { RunOptions } from '../run-options.js'
import { createSecrets } from '../secrets/create-secrets.js'
import { maskError } from '../secrets/mask-error.js'
import { recordContext } from '../secrets/recorded-context.js'
import { settleBeforeStart } from '../settle-before-start.js'
import { findCompleted } from './find-completed.js'
import { findIncomplete } from './find-incomplete.js'
import { planDates, type Step } from './plan-dates.js'
import { readPastRuns } from './read-past-runs.js'

/** How a job is run for many logical times. */
export interface BackfillOptions extends Omit<RunOptions, 'date' | 'share' | 'resume' | 'again' | 'force'> {
  /** The first logical date or time. */
  readonly from: string
  /** The last one that may be reached; a date means all of its day. */
  readonly to: string
  /** `day` when undefined. */
  readonly every?: Step | undefined
  /** Runs at once; 1 when undefined. They share memory and CPUs. */
  readonly parallel?: number | undefined
  /** Dates that have completed are run once more. */
  readonly again?: boolean | undefined
  /** A failed date does not stop the rest. */
  readonly keepGoing?: boolean | undefined
  /** Listeners that hear one run only, by its logical time. */
  readonly listenersOf?: ((date: string) => readonly Listener[]) | undefined
  /** Told of each date as it ends or is skipped, and of how many have ended by then. */
  readonly onRun?: ((run: BackfillRun, ended: number, total: number) => void) | undefined
}

/** What came of one logical time. `skipped`: it had completed before, in the run that is named. */
export interface BackfillRun {
  /** The logical time. */
  readonly date: string
  readonly status: RunStatus | 'skipped' | 'not_started'
  /** Null: there is no run. */
  readonly run: string | null
  readonly seconds: number | null
  /** Rows that its sinks wrote; null when nothing counted them. */
  readonly rows: number | null
  readonly errors: readonly EventError[]
}

/** What came of a backfill. */
export interface BackfillSummary {
  readonly job: string
  /** `completed`: every date has completed or was skipped. */
  readonly status: RunStatus
  readonly seconds: number
  /** By logical time, ascending. */
  readonly runs: readonly BackfillRun[]
}

/**
 * Runs a job once for each logical time of a range. A run of such a time that has put something in place and has not completed is gone on with.
 * Resolves with what came of each, also when runs failed or were cancelled; rejects with a
 * coded error when none could be started. The job is locked once for all of them.
 */
export async function backfill(jobFolder: string, options: BackfillOptions): Promise<BackfillSummary> {
  const begun = performance.now()
  const { from, to, every = 'day', again = false, signal, onWait } = options
  const parallel = checkParallel(options)
  const { listeners = [] } = options
  // Each run tells them its events; they are closed once, after the last run.
  const kept = listeners.map((listener) => ({ name: listener.name, hear: (event: RunEvent) => listener.hear(event) }))
  const { again: _, ...runOptions } = options
  const prepared = await prepareRun(jobFolder, { ...runOptions, listeners: kept }, createKin(runOptions, true))
  const secrets = createSecrets(prepared)
  const emitter = new Emitter(listeners, (event) => maskEvent(event, secrets.masker))
  const dates = planDates({ from, to, every, timeZone: prepared.job.metadata.settings.time_zone })
  const entry = await enterRunsFolder(prepared.runsFolder, { policy: prepared.overlap, signal, onWait })
  try {
    await settleBeforeStart(prepared, entry, emitter.emit, secrets)
    // Only now: a run that was waited for may have completed one of them.
    const { job, context, runsFolder } = prepared
    const purpose = purposeOf({
      job: job.name,
      time_zone: job.metadata.settings.time_zone,
      ...recordContext(context, secrets.masker),
    })
    const past = readPastRuns(runsFolder, purpose)
    const completed = again ? new Map<string, string>() : findCompleted(runsFolder, purpose, past)
    const incomplete = findIncomplete(past)
    const runs = await runDates(prepared, dates, { completed, incomplete }, parallel, options)
    return { job: prepared.job.name, status: toStatus(runs, signal), seconds: (performance.now() - begun) / 1000, runs }
  } catch (error) {
    throw maskError(error, secrets.masker)
  } finally {
    secrets.close()
    await emitter.close()
    await entry.leave()
  }
}

/** Ids of runs of the past by their logical times: of those that completed, and of those that a date is gone on with. */
interface RunsBefore {
  readonly completed: ReadonlyMap<string, string>
  readonly incomplete: ReadonlyMap<string, string>
}

async function runDates(
  prepared: PreparedRun,
  dates: readonly string[],
  { completed, incomplete }: RunsBefore,
  parallel: number,
  options: BackfillOptions,
): Promise<BackfillRun[]> {
  const runs = dates.map((date): BackfillRun => {
    const run = completed.get(date)
    return run === undefined ? withoutRun(date, 'not_started') : { ...withoutRun(date, 'skipped'), run }
  })
  const waiting = [...runs.keys()].filter((index) => runs[index]?.status === 'not_started')
  let ended = 0
  const tell = (run: BackfillRun): void => options.onRun?.(run, ++ended, runs.length)
  for (const run of runs) if (run.status === 'skipped') tell(run)
  const share = Math.max(1, Math.min(parallel, waiting.length))
  const shared = shareOut(prepared, share)
  let isStopped = false
  // One date after the other; `share` of these go on at once.
  const takeDates = async (): Promise<void> => {
    while (!isStopped && options.signal?.aborted !== true) {
      const index = waiting.shift()
      if (index === undefined) return
      const date = dates[index] ?? ''
      const run = await runDate(withListeners(shared, options.listenersOf?.(date)), date, incomplete.get(date))
      runs[index] = run
      if (run.status !== 'completed' && !mayGoOn(run, options)) isStopped = true
      tell(run)
    }
  }
  await Promise.all(Array.from({ length: share }, takeDates))
  return runs
}

/** A commit that is not finished is in the way of every later run: the next start finishes it. */
function mayGoOn({ errors }: BackfillRun, { keepGoing = false }: BackfillOptions): boolean {
  return keepGoing && !errors.some(leavesCommitOpen)
}

/** Runs a date, or goes on with the run of it that has put something in place and has not completed. */
async function runDate(prepared: PreparedRun, date: string, incomplete: string | undefined): Promise<BackfillRun> {
  const begun = performance.now()
  try {
    const { status, run, seconds, rows, errors } = await (incomplete === undefined
      ? executeRun(prepared, date)
      : resumeDate(prepared, incomplete))
    return { date, status, run, seconds, rows, errors }
  } catch (error) {
    const seconds = (performance.now() - begun) / 1000
    return { ...withoutRun(date, 'failed'), run: incomplete ?? null, seconds, errors: [toEventError(toCodedError(error))] }
  }
}

async function resumeDate(prepared: PreparedRun, run: string): Promise<RunSummary> {
  const chosen = await chooseRun(prepared.runsFolder, { job: prepared.job.name, id: run }, undefined)
  if (chosen === undefined) throw new PypeError('INTERNAL', `The run ${run} was found and is gone.`)
  return goOn(prepared, chosen, undefined)
}

function shareOut(prepared: PreparedRun, share: number): PreparedRun {
  const threads = Math.max(1, Math.floor(prepared.threads / share))
  return { ...prepared, threads, options: { ...prepared.options, share } }
}

function withListeners(prepared: PreparedRun, own: readonly Listener[] = []): PreparedRun {
  const { listeners = [] } = prepared.options
  return { ...prepared, options: { ...prepared.options, listeners: [...listeners, ...own] } }
}

function withoutRun(date: string, status: BackfillRun['status']): BackfillRun {
  return { date, status, run: null, seconds: null, rows: null, errors: [] }
}

function toStatus(runs: readonly BackfillRun[], signal: AbortSignal | undefined): RunStatus {
  if (runs.every(({ status }) => status === 'completed' || status === 'skipped')) return 'completed'
  return signal?.aborted === true ? 'cancelled' : 'failed'
}

/** Each run has a statement of its own at a time, which holds a thread of libuv; one must stay free for files. */
function checkParallel({ parallel = 1, env }: BackfillOptions): number {
  const most = Math.max(1, countPoolThreads(env) - 1)
  if (Number.isInteger(parallel) && parallel >= 1 && parallel <= most) return parallel
  throw new PypeError('USAGE', `parallel ${parallel} is not a whole number from 1 to ${most}.`, {
    hint:
      parallel > most
        ? `for more, set the environment variable UV_THREADPOOL_SIZE to ${Math.ceil(parallel) + 1} before the start`
        : 'e.g. 4',
  })
}
