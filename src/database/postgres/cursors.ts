import type { DatabaseSession } from '../../sdk/database.js'
import { cursorMoved } from '../cursor-moved.js'
import { parseCursorUse } from '../cursor-use.js'
import type { CursorMove, CursorName, KeptCursor } from '../database.js'

/** Reads a cursor from the table of tokens; undefined when none was ever set. */
export async function readCursor(session: DatabaseSession, table: string, cursor: CursorName): Promise<KeptCursor | undefined> {
  const { rows } = await session.query(`SELECT value, about FROM ${table} WHERE id = $1`, [idOf(cursor)])
  const [value, about] = rows[0] ?? []
  return typeof value === 'string' ? { value, ...parseCursorUse(JSON.parse(about ?? '{}')) } : undefined
}

/** Moves cursors in the transaction that is open, each from the value that the run started from. Throws CURSOR_MOVED. */
export async function moveCursors(session: DatabaseSession, table: string, moves: readonly CursorMove[]): Promise<void> {
  for (const move of moves) {
    const about = JSON.stringify({ of: move.of, into: move.into })
    const { count } = await (move.from === null
      ? session.query(`INSERT INTO ${table} (id, value, about) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`, [
          idOf(move),
          move.to,
          about,
        ])
      : session.query(`UPDATE ${table} SET value = $2, about = $3, at = now() WHERE id = $1 AND value = $4`, [
          idOf(move),
          move.to,
          about,
          move.from,
        ]))
    if (count !== 1) throw cursorMoved(move)
  }
}

/** The row of a cursor, in words. */
export function rowOfCursor(table: string, cursor: CursorName): string {
  return `the row of ${table} whose id is ${idOf(cursor)}`
}

function idOf({ job, context, node }: CursorName): string {
  return `cursor ${JSON.stringify([job, context, node])}`
}
