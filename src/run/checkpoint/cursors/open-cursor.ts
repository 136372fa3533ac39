import { PypeError } from '../../../core/errors.js'
import type { Cursor } from '../../../sdk/database.js'
import type { CursorSource } from '../../execution/staging.js'
import type { StagedAttempt } from '../commit/staged-attempt.js'

/** The cursor of a node in an attempt. Reading it throws CURSOR_IN_LOOP and CURSOR_OTHER; `checkOpen` throws when the attempt has ended. */
export function openCursor(
  node: string,
  { findPlace, describe }: CursorSource,
  { place: { frame }, cursors, databases }: StagedAttempt,
  checkOpen: () => void,
  signal: AbortSignal,
): Cursor {
  return {
    read: async ({ again = false, of = [] } = {}) => {
      checkOpen()
      if (frame.length > 0) throw cursorInLoop(node)
      const place = findPlace()
      const open = place.kind === 'database' ? await databases.openCursorPlace(node, place.connection, signal) : place
      const use = { ...(of.length > 0 && { of: describe(of) }), into: place.targets }
      return cursors.read(node, open, again, use)
    },
    move: (value) => {
      checkOpen()
      cursors.move(node, value)
    },
  }
}

function cursorInLoop(node: string): PypeError {
  return new PypeError('CURSOR_IN_LOOP', `${node} stands inside a loop and reads on from a cursor: each pass would move it.`, {
    node,
    hint: 'read before the loop, or leave the cursor out',
  })
}
