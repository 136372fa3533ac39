import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import type { RunRecord } from '../checkpoint/journal/records.js'

/**
 * Throws RESUME_REFUSED for a run whose folder was moved or copied since it was started, or whose folder for relative paths is gone: its records name files by their
 * paths of then.
 */
export function refuseElsewhere({ run, cwd, folder: then = '' }: RunRecord, folder: string): void {
  if (then !== '' && !isSame(then, folder))
    throw existsSync(path.join(then, JOURNAL_FILE)) ? isCopy(run, then, folder) : wasMoved(run, then, folder)
  if (existsSync(cwd)) return
  throw new PypeError('RESUME_REFUSED', `The run ${run} cannot be resumed: its relative paths start at ${cwd}, which is gone.`, {
    hint: 'put the folder back, or a link to where it is now; or start a new run without --resume, which does once more what the run has done',
  })
}

/** The same folder by another name, behind links and mounts, is the same one. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((each) => statSync(each, { throwIfNoEntry: false }))
  return a !== undefined && a.dev === b?.dev && a.ino === b.ino
}

function isCopy(run: string, then: string, folder: string): PypeError {
  return new PypeError('RESUME_REFUSED', `${folder} is a copy: the run ${run} is that in ${then}, and would go on with the files there.`, {
    hint: `resume it there; what the copy is to do by itself begins without that run: rm -r ${folder}`,
  })
}

function wasMoved(run: string, then: string, folder: string): PypeError {
  const [before, now] = withoutCommonEnd(then, folder)
  return new PypeError(
    'RESUME_REFUSED',
    `The run ${run} cannot be resumed: it was started in ${before}, which was moved to ${now}, and its records name files there.`,
    {
      hint: `move it back, or put a link in its place: ln -s ${now} ${before}; or start a new run without --resume, which does once more what the run has done`,
    },
  )
}

/** The folders that two paths differ by. */
function withoutCommonEnd(one: string, other: string): readonly [string, string] {
  let [a, b] = [one, other]
  while (path.basename(a) === path.basename(b) && path.dirname(a) !== a && path.dirname(b) !== b)
    [a, b] = [path.dirname(a), path.dirname(b)]
  return [a, b]
}
