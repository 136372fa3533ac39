/** Replaces the rows of a table of PostgreSQL. */
import type { DatabaseSession } from 'pypeline/sdk'
import type { Match } from './_postgres-match.js'
import { quoteName } from './_postgres-names.js'
import type { Table } from './_postgres-table.js'

/**
 * Puts the rows of a side table in the place of those that a table has. Readers keep the old ones until the commit, but for the short
 * time of this.
 */
export async function replaceRows(session: DatabaseSession, target: Table, matches: readonly Match[], side: string): Promise<void> {
  await session.query((await canTruncate(session, target)) ? `TRUNCATE ${target.quoted}` : `DELETE FROM ${target.quoted}`)
  await addRows(session, target, matches, side)
}

/** Adds the rows of a side table to those that a table has. */
export async function addRows(session: DatabaseSession, target: Table, matches: readonly Match[], side: string): Promise<void> {
  const columns = matches.map(({ to }) => quoteName(to.name)).join(', ')
  await session.query(`INSERT INTO ${target.quoted} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${side}`)
}

/** Not where other tables refer to this one, and not without the right to. */
async function canTruncate(session: DatabaseSession, { id, kind }: Table): Promise<boolean> {
  if (kind !== 'table' && kind !== 'partitioned') return false
  const { rows } = await session.query(
    `SELECT has_table_privilege($1::oid, 'TRUNCATE')
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = $1::oid AND conrelid <> $1::oid)`,
    [id],
  )
  return rows[0]?.[0] === 't'
}
