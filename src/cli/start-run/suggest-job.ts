import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { suggestNearest } from '../../core/suggest.js'
import { looksLikeJob } from './run-options.js'

/** What may have been meant by a job that is not there: one in `jobs/`, or a flow of the same name that was not built yet. */
export function suggestJob(job: string, cwd: string): string {
  const flow = ['', 'flows/'].flatMap((folder) => ['.yaml', '.yml'].map((ending) => `${folder}${job}${ending}`))
  const found = flow.find((file) => existsSync(path.resolve(cwd, file)))
  if (found !== undefined) return `there is a flow of this name: pype run ${found}`
  return suggestNearest(
    job,
    listJobs(cwd, path.dirname(job)),
    'give a folder that `pype build` has written, the name of one in jobs/, or a flow file',
  )
}

/** The jobs in `jobs/` by their names, or those beside a path that was given, as paths. */
function listJobs(cwd: string, parent: string): string[] {
  const jobs = path.resolve(cwd, parent === '.' ? 'jobs' : parent)
  const names = isFolder(jobs) ? readdirSync(jobs).filter((name) => looksLikeJob(path.join(jobs, name))) : []
  return parent === '.' ? names : names.map((name) => path.join(parent, name))
}

function isFolder(target: string): boolean {
  return statSync(target, { throwIfNoEntry: false })?.isDirectory() === true
}
