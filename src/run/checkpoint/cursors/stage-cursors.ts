import type { CursorMove } from '../../../database/database.js'
import type { CommitDeps } from '../commit/commit-deps.js'
import type { SubFlowFiles } from '../files/sub-flow-files.js'
import { formatState } from './state-file.js'

/** Stages the files of cursors as they will be: they take the way of every file. */
export async function stageCursors(
  moves: readonly CursorMove[],
  files: SubFlowFiles,
  { cursors, disk }: Pick<CommitDeps, 'cursors' | 'disk'>,
): Promise<void> {
  for (const move of moves) {
    const staged = await files.stage(move.node, cursors.fileOf(move.node), 'replace', false)
    const file = disk.openAppend(staged)
    try {
      disk.append(file, formatState(move))
    } finally {
      disk.close(file)
    }
  }
}
