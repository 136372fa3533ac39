import { cursorMoved } from '../../../database/cursor-moved.js'
import type { CursorMove } from '../../../database/database.js'
import { readStateFile } from './state-file.js'

/** Throws CURSOR_MOVED when a cursor is not where the run found it. To be called while nobody else can move it. */
export function checkStateFiles(moves: readonly CursorMove[], fileOf: (node: string) => string): void {
  for (const move of moves) if ((readStateFile(fileOf(move.node))?.value ?? null) !== move.from) throw cursorMoved(move)
}
