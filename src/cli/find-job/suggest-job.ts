import { existsSync } from 'node:fs'
import path from 'node:path'
import { nearest } from '../../core/errors.js'
import { findNearPath, isYamlName } from '../../core/near-path.js'
import { listJobNames, looksLikeJob } from './job-folder.js'

/** What may have been meant by a job that is not there: one in `jobs/`, or a flow of the same name that was not built yet; else a job or a flow under nearly its name. */
export function suggestJob(job: string, cwd: string): string {
  if (isYamlName(job) && existsSync(path.resolve(cwd, job))) return `it has not run here: pype run ${job}`
  const near = findFlow(job, cwd) === undefined ? findNearJob(job, cwd) : undefined
  const flow = findFlow(path.basename(job), cwd)
  if (near === undefined && flow !== undefined) return `there is a flow of this name, which is not built: pype build ${flow}`
  const meant = near ?? findNearFlow(job, cwd)
  return meant === undefined
    ? 'give a folder that `pype build` has written, the name of one in jobs/, or a flow file'
    : `did you mean "${meant}"?`
}

/** The flow file of a name. */
function findFlow(name: string, cwd: string): string | undefined {
  const files = ['', 'flows/'].flatMap((folder) => ['.yaml', '.yml'].map((ending) => `${folder}${name}${ending}`))
  return files.find((file) => existsSync(path.resolve(cwd, file)))
}

/** One of the jobs in `jobs/`, or of those beside a path that was given; else a job whose path is nearly this one. */
function findNearJob(job: string, cwd: string): string | undefined {
  const known = nearest(job, listJobs(cwd, path.dirname(job)))
  if (known !== undefined) return known
  const folder = findNearPath(job, cwd, 'folder')
  return folder !== undefined && looksLikeJob(path.resolve(cwd, folder)) ? folder : undefined
}

function findNearFlow(job: string, cwd: string): string | undefined {
  const written = isYamlName(job) ? job : `${job}.yaml`
  return findNearPath(written, cwd, isYamlName) ?? findNearPath(path.join('flows', written), cwd, isYamlName)
}

/** The jobs in `jobs/` by their names, or those beside a path that was given, as paths. */
function listJobs(cwd: string, parent: string): readonly string[] {
  if (parent === '.') return listJobNames(path.resolve(cwd, 'jobs'))
  return listJobNames(path.resolve(cwd, parent)).map((name) => path.join(parent, name))
}
