import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { nodeDisk } from '../checkpoint/files/disk.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { readRunRecord } from '../checkpoint/journal/run-ends.js'
import { executeRun } from '../execute-run.js'
import { readLogicalTime } from '../job/logical-time.js'
import { type Entry, enterRunsFolder } from '../overlap/enter-runs-folder.js'
import { loadRun, prepareFresh } from '../prepare-run.js'
import { type ChosenRun, chooseRun } from '../resume/choose-run.js'
import { goOn } from '../resume/resume-job.js'
import type { RunOptions } from '../run-options.js'
import type { ChildOutcome, ChildRequest, Globals, Kin, Starter } from './kin.js'
import { MemorySlots } from './memory-slots.js'

/** For a run that no node has started. */
export function createKin({ runs, cwd }: RunOptions, inBackfill = false): Kin {
  return {
    startChild,
    slots: new MemorySlots(),
    inBackfill,
    runsRoot: runs === undefined ? undefined : path.resolve(cwd, runs),
    parent: undefined,
  }
}

/** Runs a job for a node of another one. Throws JOB_CIRCLE, and what a start of the job throws. */
async function startChild(starter: Starter, request: ChildRequest): Promise<ChildOutcome> {
  const { kin, cwd, options } = starter
  const folder = path.resolve(cwd, request.folder)
  const jobs = [...(kin.parent?.jobs ?? []), resolveLinks(starter.folder)]
  refuseCircle(jobs, resolveLinks(folder))
  let globals: Globals = {}
  const memory = kin.slots.take()
  try {
    const parent = {
      run: starter.runId,
      childRun: request.runId,
      jobs,
      memoryShare: memory.share,
      onGlobals: (published: Globals) => {
        globals = published
      },
    }
    const loaded = loadRun(folder, toOptions(options, kin, request), { ...kin, parent })
    const time = readLogicalTime(request.date ?? starter.time, new Date(0), loaded.job.metadata.settings.time_zone)
    // Before it waits for another run: what is wrong with the context or the modules is no reason to.
    const prepared = await prepareFresh(loaded)
    request.onStart(loaded.job.folder)
    const entry = await enterRunsFolder(loaded.runsFolder, { policy: loaded.overlap, signal: request.signal })
    try {
      const earlier = await chooseEarlier(loaded.runsFolder, { job: loaded.job.name, id: request.runId }, entry)
      const {
        status,
        errors,
        folder: runFolder,
      } = await (earlier === undefined ? executeRun(prepared, time, entry) : goOn(loaded, earlier, entry))
      return { status, errors, folder: runFolder, globals }
    } finally {
      await entry.leave()
    }
  } finally {
    memory.release()
  }
}

/** The run of this id when it has begun already: an attempt of the node goes on with it. */
async function chooseEarlier(
  runsFolder: string,
  wanted: { readonly job: string; readonly id: string },
  entry: Entry,
): Promise<ChosenRun | undefined> {
  const folder = path.join(runsFolder, wanted.id)
  const journal = path.join(folder, JOURNAL_FILE)
  if (!existsSync(journal)) return undefined
  if (readRunRecord(folder) !== undefined) return chooseRun(runsFolder, wanted, entry)
  // It ended before it had begun, and begins now: behind what it has left, its first record would not be the first.
  await entry.adopt(folder)?.release()
  nodeDisk.remove(journal)
  return undefined
}

/** Handed down is what says how to run; what says what to run is the child's own. */
function toOptions(options: RunOptions, { runsRoot }: Kin, { folder, context, set, signal }: ChildRequest): RunOptions {
  const { cwd, env, threads, share, log, stderr, engine, seams, now, random, force, rehearsal } = options
  return {
    cwd,
    env,
    threads,
    share,
    context,
    set,
    signal,
    // By the name of the job: one folder for all would be one lock for all.
    runs: runsRoot === undefined ? undefined : path.join(runsRoot, path.basename(path.resolve(cwd, folder))),
    ...(force === undefined ? {} : { force }),
    ...(log === undefined ? {} : { log }),
    ...(stderr === undefined ? {} : { stderr }),
    ...(engine === undefined ? {} : { engine }),
    ...(seams === undefined ? {} : { seams }),
    ...(now === undefined ? {} : { now }),
    ...(random === undefined ? {} : { random }),
    // It runs as it is, with the modules of the same project.
    ...(rehearsal === undefined ? {} : { rehearsal: { project: rehearsal.project, standIn: (_, definition) => definition } }),
  }
}

function refuseCircle(jobs: readonly string[], folder: string): void {
  const at = jobs.indexOf(folder)
  if (at < 0) return
  const circle = [...jobs.slice(at), folder].map((job) => path.basename(job))
  throw new PypeError('JOB_CIRCLE', `The job ${circle[0]} runs itself: ${circle.join(' > ')}.`, {
    hint: 'take one of these run_flow nodes out',
  })
}

/** A folder that is not there is for the start of the job to report. */
function resolveLinks(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return folder
  }
}
