import { existsSync } from 'node:fs'
import path from 'node:path'
import { listRuns } from '../../../run/checkpoint/settle/leftovers.js'
import { findJobName } from '../../../run/job/load-job.js'
import { matchRun, unknownRun } from './match-run.js'
import { readJobName } from './read-job-name.js'

/** The run of a job that a word means: `last`, `last~1`, an id or a part of one. Throws FILE_NOT_FOUND with the nearest one, and USAGE when several could be meant. */
export function chooseRunOf(job: string, runsFolder: string, word: string): string {
  const ids = listRunsOf(job, runsFolder)
  const run = matchRun(word, ids)
  if (run === undefined) throw unknownRun(word, ids, ` of ${job} in ${runsFolder}`, `pype runs ${job}`)
  return run
}

/** The id of the run of a job folder that a part of it means; the word itself when there is none: the resume says so. Throws USAGE when several could be meant. */
export function completeRunId(jobFolder: string, runsFolder: string, word: string): string {
  const runs = existsSync(runsFolder) ? listRuns(runsFolder) : []
  return runs.includes(word) ? word : (matchRun(word, listRunsOf(findJobName(jobFolder), runsFolder)) ?? word)
}

/** The runs of a job in a folder that may be that of several, the oldest first. */
export function listRunsOf(job: string, runsFolder: string): readonly string[] {
  if (!existsSync(runsFolder)) return []
  return listRuns(runsFolder).filter((run) => readJobName(path.join(runsFolder, run)) === job)
}
