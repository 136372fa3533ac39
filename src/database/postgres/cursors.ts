import type { DatabaseSession } from '../../sdk/database.js'
import { cursorMoved } from '../cursor-moved.js'
import type { CursorMove, CursorName } from '../database.js'

/** Reads a cursor from the table of tokens; undefined when none was ever set. */
export async function readCursor(session: DatabaseSession, table: string, cursor: CursorName): Promise<string | undefined> {
  const { rows } = await session.query(`SELECT value FROM ${table} WHERE id = $1`, [idOf(cursor)])
  return rows[0]?.[0] ?? undefined
}

/** Moves cursors in the transaction that is open, each from the value that the run started from. Throws CURSOR_MOVED. */
export async function moveCursors(session: DatabaseSession, table: string, moves: readonly CursorMove[]): Promise<void> {
  for (const move of moves) {
    const { count } = await (move.from === null
      ? session.query(`INSERT INTO ${table} (id, value) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, [idOf(move), move.to])
      : session.query(`UPDATE ${table} SET value = $2, at = now() WHERE id = $1 AND value = $3`, [idOf(move), move.to, move.from]))
    if (count !== 1) throw cursorMoved(move)
  }
}

function idOf({ job, context, node }: CursorName): string {
  return `cursor ${JSON.stringify([job, context, node])}`
}
