import { PypeError } from '../core/errors.js'
import { createKin } from './child/start-child.js'
import { executeRun } from './execute-run.js'
import { readLogicalTime } from './job/logical-time.js'
import type { RunSummary } from './observe/summary.js'
import { enterRunsFolder } from './overlap/enter-runs-folder.js'
import { loadRun, prepareFresh } from './prepare-run.js'
import { resumeJob } from './resume/resume-job.js'
import type { RunOptions } from './run-options.js'

/**
 * Runs a job from its folder. Resolves with the summary, also when the run failed or was cancelled; rejects with a coded
 * error when nothing could be started.
 */
export async function runJob(jobFolder: string, options: RunOptions): Promise<RunSummary> {
  const called = (options.now ?? (() => new Date()))()
  const loaded = loadRun(jobFolder, options, createKin(options))
  if (options.resume !== undefined) return resumeJob(loaded, called)
  refuseWithoutResume(options)
  const prepared = await prepareFresh(loaded)
  // Of the call: a start that waits for another run past midnight is still that of its day.
  const time = readLogicalTime(options.date, called, prepared.job.metadata.settings.time_zone)
  const { signal, onWait } = options
  const entry = await enterRunsFolder(prepared.runsFolder, { policy: prepared.overlap, signal, onWait })
  try {
    return await executeRun(prepared, time, entry)
  } finally {
    await entry.leave()
  }
}

function refuseWithoutResume({ again = [] }: RunOptions): void {
  const [node] = again
  if (node !== undefined) throw new PypeError('USAGE', `--again ${node} is for a resume.`, { hint: `e.g. --resume --again ${node}` })
}

export type { RunOptions, RunSummary }
