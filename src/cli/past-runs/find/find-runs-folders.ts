import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../../core/errors.js'
import { isObject, parseJson } from '../../../core/json.js'
import { DEFAULT_SETTINGS } from '../../../core/settings.js'
import { findJobName } from '../../../run/job/load-job.js'
import { findJobFolder, listJobNames, looksLikeJob, nameOfFlow } from '../../find-job/job-folder.js'
import { suggestJob } from '../../find-job/suggest-job.js'

/** Where the runs of a job are. */
export interface RunsPlace {
  /** The job as a command takes it. */
  readonly job: string
  /** Its name. */
  readonly name: string
  /** Absolute. */
  readonly folder: string
  /** As its settings say. */
  readonly keepRuns: number
  readonly keepResumable: number
}

/** The runs folders of a job, or of all jobs in `jobs/`; `runs` is given for one job that keeps its runs elsewhere. */
export function findRunsFolders(job: string | undefined, runs: string | undefined, cwd: string): RunsPlace[] {
  if (job === undefined && runs !== undefined) {
    throw new PypeError('USAGE', '--runs is the folder of one job.', { hint: 'name the job too: JOB --runs DIR' })
  }
  const names = job === undefined ? listJobs(cwd) : [checkJob(job, cwd)]
  return names.map((each) => {
    const folder = findJobFolder(each, cwd)
    const name = findJobName(folder)
    const kept = readKept(path.join(folder, `${name}_execution_metadata.json`))
    return { job: each, name, folder: path.resolve(cwd, runs ?? path.join(folder, 'runs')), ...kept }
  })
}

/** Runs can be listed whatever is wrong with the job by now: the default stands for what cannot be read. */
function readKept(file: string): Pick<RunsPlace, 'keepRuns' | 'keepResumable'> {
  const metadata = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined
  const settings = isObject(metadata) && isObject(metadata['settings']) ? metadata['settings'] : {}
  const read = (name: 'keep_runs' | 'keep_resumable') => {
    const value = settings[name]
    return typeof value === 'number' ? value : DEFAULT_SETTINGS[name]
  }
  return { keepRuns: read('keep_runs'), keepResumable: read('keep_resumable') }
}

function listJobs(cwd: string): readonly string[] {
  const jobs = path.join(cwd, 'jobs')
  const names = listJobNames(jobs)
  if (names.length > 0) return names
  throw new PypeError('FILE_NOT_FOUND', `There is no job in ${jobs}.`, { hint: 'run a flow first: `pype run FLOW.yaml` builds its job' })
}

function checkJob(word: string, cwd: string): string {
  const job = nameOfFlow(word)
  if (looksLikeJob(findJobFolder(job, cwd))) return job
  throw new PypeError('FILE_NOT_FOUND', `There is no job ${word}.`, {
    hint: suggestJob(word, cwd),
  })
}
