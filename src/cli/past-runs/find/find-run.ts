import { existsSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../../core/errors.js'
import { findNearPath } from '../../../core/near-path.js'
import { JOURNAL_FILE } from '../../../run/checkpoint/journal/journal.js'
import { listRuns } from '../../../run/checkpoint/settle/leftovers.js'
import { findJobName, type Job, loadJob } from '../../../run/job/load-job.js'
import { findJobFolder, looksLikeJob, nameOfFlow } from '../../find-job/job-folder.js'
import { findRunsFolders } from './find-runs-folders.js'
import { matchRun, unknownRun } from './match-run.js'
import { readJobName } from './read-job-name.js'
import { listRunsOf } from './run-of-job.js'

/** A run that a command is about. */
export interface FoundRun {
  readonly run: string
  /** Absolute. */
  readonly runsFolder: string
  /** The job as a command takes it; null when the job is not there any more. */
  readonly job: string | null
  /** Its folder, absolute. */
  readonly jobFolder: string | null
  /** The runs folder as a command takes it; undefined: that of the job. */
  readonly runs: string | undefined
}

interface Place {
  readonly runsFolder: string
  /** As a command takes it. Undefined: the journal of a run says whose it is. */
  readonly job?: string
}

/**
 * Finds a run by what a user calls it: `last`, the name of a job (its last run), either with `~1` behind it for the one before, an id, a part of one,
 * or the path of its folder. All jobs in jobs/ are looked through, or the runs folder `runs`. Throws FILE_NOT_FOUND with the nearest one, and USAGE when several could be meant.
 */
export function findRun(word: string, runs: string | undefined, cwd: string): FoundRun {
  const atPath = findAtPath(word, cwd)
  if (atPath !== undefined) return atPath
  const [, name = word, steps = ''] = /^(.+?)(~\d{1,9})?$/.exec(word) ?? []
  const job = findJob(name, cwd)
  const places = job === undefined ? listPlaces(runs, cwd) : [{ job, runsFolder: runsOf(job, runs, cwd) }]
  // By their ids and not by their folders: ids sort by time, across all jobs.
  const known = new Map(places.flatMap((place) => listIds(place, runs, cwd).map((id): [string, Place] => [id, place])))
  const ids = [...known.keys()].sort()
  const id = matchRun(job === undefined ? word : `last${steps}`, ids)
  const place = id === undefined ? undefined : known.get(id)
  if (id !== undefined && place !== undefined) return describeFound(id, place, runs, cwd)
  const whose = job === undefined ? '' : ` of ${job}`
  const list = ['pype runs', ...(job === undefined ? [] : [job])].join(' ')
  const names = job === undefined ? ['last', ...places.flatMap((each) => each.job ?? [])] : []
  const near = word.includes('/') ? findNearPath(word, cwd, 'folder') : undefined
  throw unknownRun(word, ids, whose, list, near === undefined || findAtPath(near, cwd) === undefined ? names : [near])
}

/** The job of a run, as it is by now. Undefined: it is gone, or is none that this version can read. */
export function loadJobOf({ jobFolder }: Pick<FoundRun, 'jobFolder'>): Job | undefined {
  if (jobFolder === null) return undefined
  try {
    return loadJob(jobFolder)
  } catch (error) {
    if (error instanceof PypeError && ['FILE_NOT_FOUND', 'JOB_INVALID', 'JOB_VERSION'].includes(error.code)) return undefined
    throw error
  }
}

function findAtPath(word: string, cwd: string): FoundRun | undefined {
  const folder = path.resolve(cwd, word)
  if (!word.includes('/') || !existsSync(path.join(folder, JOURNAL_FILE))) return undefined
  const runsFolder = path.dirname(folder)
  return describeFound(path.basename(folder), { runsFolder }, path.dirname(word), cwd)
}

/** The job that a word means: a job folder, the name of one in jobs/, or the flow file that it is built from. */
function findJob(word: string, cwd: string): string | undefined {
  const job = nameOfFlow(word)
  return looksLikeJob(findJobFolder(job, cwd)) ? job : undefined
}

function runsOf(job: string, runs: string | undefined, cwd: string): string {
  return path.resolve(cwd, runs ?? path.join(findJobFolder(job, cwd), 'runs'))
}

function listPlaces(runs: string | undefined, cwd: string): readonly Place[] {
  if (runs === undefined) return findRunsFolders(undefined, undefined, cwd).map(({ job, folder }) => ({ job, runsFolder: folder }))
  const runsFolder = path.resolve(cwd, runs)
  if (existsSync(runsFolder)) return [{ runsFolder }]
  throw new PypeError('FILE_NOT_FOUND', `There is no runs folder ${runsFolder}.`, { hint: 'give the folder that `pype run --runs` got' })
}

/** A runs folder elsewhere may be that of several jobs. */
function listIds({ runsFolder, job }: Place, runs: string | undefined, cwd: string): readonly string[] {
  if (runs !== undefined && job !== undefined) return listRunsOf(findJobName(findJobFolder(job, cwd)), runsFolder)
  return existsSync(runsFolder) ? listRuns(runsFolder) : []
}

/** A runs folder elsewhere does not lie in its job: the journal has the name. */
function describeFound(run: string, { runsFolder, job }: Place, runs: string | undefined, cwd: string): FoundRun {
  if (job !== undefined) return { run, runsFolder, job, jobFolder: findJobFolder(job, cwd), runs }
  const around = path.dirname(runsFolder)
  const isInside = path.basename(runsFolder) === 'runs' && looksLikeJob(around)
  const name = isInside ? shorten(around, cwd) : readJobName(path.join(runsFolder, run))
  const jobFolder = name === undefined ? undefined : findJobFolder(name, cwd)
  if (name === undefined || jobFolder === undefined || !looksLikeJob(jobFolder))
    return { run, runsFolder, job: null, jobFolder: null, runs }
  return { run, runsFolder, job: name, jobFolder, runs: isInside ? undefined : runs }
}

/** The name of a job in jobs/, else its path from here. */
function shorten(jobFolder: string, cwd: string): string {
  const name = path.basename(jobFolder)
  return findJobFolder(name, cwd) === jobFolder ? name : path.relative(cwd, jobFolder) || '.'
}
