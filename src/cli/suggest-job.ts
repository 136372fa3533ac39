import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { suggestNearest } from '../core/suggest.js'
import { looksLikeJob } from './run-options.js'

/** What may have been meant by a job that is not there: one in `jobs/`, or a flow of the same name that was not built yet. */
export function suggestJob(job: string, cwd: string): string {
  const flow = ['', 'flows/'].flatMap((folder) => ['.yaml', '.yml'].map((ending) => `${folder}${job}${ending}`))
  const found = flow.find((file) => existsSync(path.resolve(cwd, file)))
  if (found !== undefined) return `there is a flow of this name: pype run ${found}`
  return suggestNearest(job, listJobs(cwd), 'give a folder that `pype build` has written, the name of one in jobs/, or a flow file')
}

function listJobs(cwd: string): string[] {
  const jobs = path.join(cwd, 'jobs')
  return existsSync(jobs) ? readdirSync(jobs).filter((name) => looksLikeJob(path.join(jobs, name))) : []
}
