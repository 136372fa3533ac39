import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** The folder of a job that is called by its path, or by its name when it is in jobs/ and nothing else of that name is a job. */
export function findJobFolder(job: string, cwd: string): string {
  const folder = path.resolve(cwd, job)
  const inJobs = path.resolve(cwd, 'jobs', job)
  return !looksLikeJob(folder) && existsSync(inJobs) ? inJobs : folder
}

/** Whether a path is a job folder. A project may well have a folder beside `jobs/` that is called like one of its jobs. */
export function looksLikeJob(folder: string): boolean {
  try {
    return readdirSync(folder).some((file) => file.endsWith('_dag.json'))
  } catch {
    // Nothing, no folder, or one that cannot be read: loading it says which, unless jobs/ has the job.
    return false
  }
}

/** The names of the job folders in a folder, sorted; none where it is not there. */
export function listJobNames(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(folder)
    .filter((name) => looksLikeJob(path.join(folder, name)))
    .sort()
}

/** The name in jobs/ of the job that a flow file is mostly built into: that of the file. What is called otherwise is no flow file, and stays. */
export function nameOfFlow(word: string): string {
  return /\.ya?ml$/i.test(word) ? path.basename(word).replace(/\.ya?ml$/i, '') : word
}
