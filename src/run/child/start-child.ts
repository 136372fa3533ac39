import { realpathSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { executeRun } from '../execute-run.js'
import { readLogicalTime } from '../job/logical-time.js'
import { enterRunsFolder } from '../overlap/enter-runs-folder.js'
import { prepareRun } from '../prepare-run.js'
import type { RunOptions } from '../run-options.js'
import type { ChildOutcome, ChildRequest, Globals, Kin, Starter } from './kin.js'
import { MemorySlots } from './memory-slots.js'

/** For a run that no node has started. */
export function createKin({ runs, cwd }: RunOptions): Kin {
  return { startChild, slots: new MemorySlots(), runsRoot: runs === undefined ? undefined : path.resolve(cwd, runs), parent: undefined }
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
    const prepared = await prepareRun(folder, toOptions(options, kin, request), { ...kin, parent })
    const time = readLogicalTime(request.date ?? starter.time, new Date(0), prepared.job.metadata.settings.time_zone)
    request.onStart(prepared.job.folder)
    const entry = await enterRunsFolder(prepared.runsFolder, { policy: prepared.overlap, signal: request.signal })
    try {
      const { status, errors, folder: runFolder } = await executeRun(prepared, time, entry)
      return { status, errors, folder: runFolder, globals }
    } finally {
      await entry.leave()
    }
  } finally {
    memory.release()
  }
}

/** Handed down is what says how to run; what says what to run is the child's own. */
function toOptions(options: RunOptions, { runsRoot }: Kin, { folder, context, set, signal }: ChildRequest): RunOptions {
  const { cwd, env, threads, share, log, stderr, engine, seams, now, random } = options
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
    ...(log === undefined ? {} : { log }),
    ...(stderr === undefined ? {} : { stderr }),
    ...(engine === undefined ? {} : { engine }),
    ...(seams === undefined ? {} : { seams }),
    ...(now === undefined ? {} : { now }),
    ...(random === undefined ? {} : { random }),
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
