import type { CommitDeps } from '../commit-deps.js'
import { RUN_CURSORS } from '../records.js'
import { SubFlowStaging } from '../staging.js'

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
