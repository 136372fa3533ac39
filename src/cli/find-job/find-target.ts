import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { findJobFolder, looksLikeJob } from './job-folder.js'
import { suggestJob } from './suggest-job.js'

/** What a command is given to work on: the folder of a job, absolute, or a flow file as it was given. */
export type Target = { readonly kind: 'job'; readonly folder: string } | { readonly kind: 'flow'; readonly file: string }

/** Finds what JOB|FLOW means: a job goes before a flow. Throws FILE_NOT_FOUND with what may have been meant. */
export function findTarget(word: string, cwd: string): Target {
  const folder = findJobFolder(word, cwd)
  if (!looksLikeJob(folder) && isFlowFile(word, cwd)) return { kind: 'flow', file: word }
  if (existsSync(folder)) return { kind: 'job', folder }
  throw new PypeError('FILE_NOT_FOUND', `There is no job ${word}.`, { hint: suggestJob(word, cwd) })
}

/** Whether a word means a flow, and not a job: a file, or what is called like one. */
export function isFlowFile(target: string, cwd: string): boolean {
  const found = statSync(path.resolve(cwd, target), { throwIfNoEntry: false })
  return found === undefined ? /\.ya?ml$/i.test(target) : found.isFile()
}
