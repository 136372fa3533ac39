import { RUN_CURSORS } from '../records.js'
import { type CommitDeps, SubFlowStaging } from '../staging.js'

/** Moves the cursors whose rows have crossed boundaries. To be called when everything else of a run has completed. Throws CURSOR_MOVED. */
export async function moveRunCursors(deps: CommitDeps): Promise<void> {
  const { pending } = deps.cursors
  if (pending.length === 0) return
  const staging = new SubFlowStaging(deps, RUN_CURSORS, [], 1)
  try {
    await staging.commitCursors(pending)
  } catch (error) {
    await staging.rollback()
    throw error
  }
}
