import path from 'node:path'
import { isFolderLocked } from '../../engine/duckdb/folder-lock.js'
import { readEnd } from '../checkpoint/journal/run-ends.js'
import { findRunStatus } from './list-history.js'

/** Milliseconds between two looks at the lock of a run: a look keeps starts of the job waiting for a moment. */
const LOOK_EVERY = 1000

/** Whether a run goes on, for somebody who asks often: the lock of its folder tells, which the kernel frees however its process ends. */
export function watchRun(runsFolder: string, run: string): () => Promise<boolean> {
  const folder = path.join(runsFolder, run)
  let looked = Number.NEGATIVE_INFINITY
  let hasEnded = false
  return async () => {
    if (hasEnded) return false
    // Behind the end in its journal a process still closes what it has open, and writes the last lines of its log.
    if (readEnd(folder) !== undefined) hasEnded = !(await isFolderLocked(folder))
    else if (performance.now() - looked >= LOOK_EVERY) {
      hasEnded = (await findRunStatus(runsFolder, run)) !== 'running'
      looked = performance.now()
    }
    return !hasEnded
  }
}
