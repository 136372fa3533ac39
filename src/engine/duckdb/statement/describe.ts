import type { Column } from '../../../sdk/relation.js'
import type { Session } from '../session.js'

/** What stands before the SELECT in the statement. */
export const DESCRIBE = 'DESCRIBE '

/** The columns that a SELECT yields. */
export async function describe(session: Session, select: string, signal?: AbortSignal): Promise<Column[]> {
  const result = await session.run(`${DESCRIBE}${select}`, signal)
  return (await result.getRows()).map((row) => ({ name: String(row[0]), type: row[1] === '"NULL"' ? 'NULL' : String(row[1]) }))
}
