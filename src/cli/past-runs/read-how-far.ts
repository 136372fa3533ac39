import { countProgress, type ProgressCounts } from '../../core/describe-progress.js'
import type { HistoryEntry } from '../../run/history/list-history.js'
import { readRun } from '../../run/history/read-run.js'
import { findJobFolder } from '../find-job/job-folder.js'
import { loadJobOf } from './find/find-run.js'
import type { RunsPlace } from './find/find-runs-folders.js'

/**
 * How many sub flows of each run have come how far, by run: of the newest ones that have not completed and keep their rows, whose journals are read for it.
 * Empty when the job cannot be read any more.
 */
export async function readHowFar(
  { job, folder, keepResumable }: RunsPlace,
  entries: readonly HistoryEntry[],
  cwd: string,
): Promise<ReadonlyMap<string, ProgressCounts>> {
  const found = new Map<string, ProgressCounts>()
  const wanted = entries.filter(({ status, job: known }) => status !== 'completed' && known !== null).slice(0, Math.max(1, keepResumable))
  const flow = wanted.length === 0 ? undefined : loadJobOf({ jobFolder: findJobFolder(job, cwd) })
  if (flow === undefined) return found
  for (const { run } of wanted) {
    const { progress } = await readRun(folder, run, flow, new Date())
    if (progress !== undefined) found.set(run, countProgress([...progress.subFlows.values()].map(({ status }) => status)))
  }
  return found
}
