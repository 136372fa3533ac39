import path from 'node:path'
import { looksLikeRunId } from '../../run/job/run-id.js'
import { listJobNames } from '../find-job/job-folder.js'
import { findNodes, jobFolderOf } from './find-jobs.js'
import { listFolder, readObject } from './read-folder.js'
import type { Candidates, Typed } from './typed.js'

/** Runs that are proposed, the newest ones. */
const MOST_RUNS = 30

/** The runs of the job that the line names. */
export function findRuns(typed: Typed, cwd: string): Candidates {
  const job = jobFolderOf(typed, cwd)
  const given = typed.values.get('--runs')
  const folder = given !== undefined ? path.resolve(cwd, given) : job === undefined ? undefined : path.join(job, 'runs')
  if (folder === undefined) return []
  const runs = listFolder(folder).filter((entry) => entry.isDirectory() && looksLikeRunId(entry.name))
  return runs
    .map(({ name }) => name)
    .sort()
    .reverse()
    .slice(0, MOST_RUNS)
    .map((run) => ({ value: run, description: statusIn(path.join(folder, run, 'summary.json')) }))
}

/** Jobs, which stand for their last runs, and the runs of all of them. */
export function findAnyRun(typed: Typed, cwd: string): Candidates {
  const last = { value: 'last', description: 'the last run of all jobs' }
  if (typed.values.has('--runs')) return [last, ...findRuns(typed, cwd)]
  const jobs = listJobNames(path.join(cwd, 'jobs'))
  const runs = jobs.flatMap((name) => findRuns({ ...typed, positional: [name] }, cwd))
  const newest = runs.toSorted((a, b) => (a.value < b.value ? 1 : -1)).slice(0, MOST_RUNS)
  return [last, ...jobs.map((name) => ({ value: name, description: 'its last run' })), ...newest]
}

/** The nodes of the job that a run is called by; an id does not say whose it is without a look at every job. */
export function findNodesOfRun(typed: Typed, cwd: string): Candidates {
  const [word = ''] = typed.positional
  return findNodes({ ...typed, positional: [word.replace(/~\d+$/, '')] }, cwd)
}

/** From the summary alone, without a look at locks: a word on the way is not worth more. */
function statusIn(file: string): string {
  const status = readObject(file)?.['status']
  return typeof status === 'string' ? status : 'not ended'
}
