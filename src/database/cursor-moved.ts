import { PypeError } from '../core/errors.js'
import type { CursorMove } from './database.js'

/** The error of a move of a cursor that is not where the run found it. */
export function cursorMoved({ node, from }: CursorMove): PypeError {
  return new PypeError('CURSOR_MOVED', `The cursor of ${node} is not at ${from ?? 'its beginning'} any more: another run has moved it.`, {
    node,
    hint: 'nothing was written; run the job again, and one run of it at a time',
  })
}
