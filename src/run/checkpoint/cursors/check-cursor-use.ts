import { PypeError } from '../../../core/errors.js'
import type { CursorUse } from '../../../database/database.js'

/** Characters of a source or a target that a message shows. */
const SHOWN = 300

/**
 * Throws CURSOR_OTHER when a cursor was kept for another source than the node reads now, or when rows are to go to a target that did not
 * get those before it. `place` says where the cursor is kept.
 */
export function checkCursorUse(node: string, kept: CursorUse, now: CursorUse, place: () => string): void {
  const hint = () => `give the node another id to start anew, or delete its cursor: ${place()}`
  if (kept.of !== undefined && now.of !== undefined && kept.of !== now.of) {
    throw new PypeError('CURSOR_OTHER', `The cursor of ${node} was kept for ${show(kept.of)}, and ${node} reads ${show(now.of)} now.`, {
      node,
      hint: hint(),
    })
  }
  const { into: before } = kept
  const added = before === undefined ? undefined : now.into?.find((target) => !before.includes(target))
  if (before === undefined || added === undefined) return
  throw new PypeError(
    'CURSOR_OTHER',
    `The rows before the cursor of ${node} went to ${before.map(show).join(' and ') || 'no target'}, and those behind it are to go to ${show(added)}.`,
    { node, hint: hint() },
  )
}

function show(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}
