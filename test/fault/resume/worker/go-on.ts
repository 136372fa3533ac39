import { PypeError } from '../../../../src/core/errors.js'
import { type RunSummary, runJob } from '../../../../src/run/run.js'
import type { RunOptions } from '../../../../src/run/run-options.js'
import type { Task } from './task.js'

/** Runs a job, or goes on with the run that is there; starts one when nothing has begun. */
export async function goOn(task: Task, seams: NonNullable<RunOptions['seams']> = {}): Promise<RunSummary> {
  if (!task.resume) return run(task, seams)
  try {
    return await run(task, seams, {})
  } catch (error) {
    if (error instanceof PypeError && error.code === 'NOTHING_TO_RESUME') return run(task, seams)
    throw error
  }
}

function run(
  { job, cwd, runs, set }: Task,
  seams: NonNullable<RunOptions['seams']>,
  resume?: NonNullable<RunOptions['resume']>,
): Promise<RunSummary> {
  const { PATH, SECRET_DB_PASSWORD } = process.env
  const env = { PATH, SECRET_DB_PASSWORD }
  return runJob(job, { cwd, runs, env, set, seams, log: { level: 'error', destinations: [] }, ...(resume === undefined ? {} : { resume }) })
}
