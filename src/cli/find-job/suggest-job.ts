import { existsSync } from 'node:fs'
import path from 'node:path'
import { suggestNearest } from '../../core/suggest.js'
import { listJobNames } from './job-folder.js'

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
function listJobs(cwd: string, parent: string): readonly string[] {
  if (parent === '.') return listJobNames(path.resolve(cwd, 'jobs'))
  return listJobNames(path.resolve(cwd, parent)).map((name) => path.join(parent, name))
}
