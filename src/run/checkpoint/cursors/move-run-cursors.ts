import type { CommitDeps } from '../commit/commit-deps.js'
import { SubFlowStaging } from '../commit/staging.js'
import { RUN_CURSORS } from '../journal/records.js'

/**
 * Moves the cursors whose rows have crossed boundaries. To be called when everything else of a run has completed. `targetsBehind` says where rows of
 * a node have gone: a flow that was mended between two processes of the run may have other targets than its source began with. Throws CURSOR_MOVED.
 */
export async function moveRunCursors(deps: CommitDeps, targetsBehind: (node: string) => readonly string[]): Promise<void> {
  const { pending } = deps.cursors
  if (pending.length === 0) return
  const staging = new SubFlowStaging(deps, RUN_CURSORS, [], 1)
  try {
    await staging.commitCursors(pending.map((move) => ({ ...move, into: targetsBehind(move.node) })))
  } catch (error) {
    await staging.rollback()
    throw error
  }
}
