/** Replaces the rows of a table of PostgreSQL. */
import { type DatabaseSession, PypeError } from 'pypeline/sdk'
import type { Match } from './_postgres-match.js'
import { quoteName } from './_postgres-names.js'
import type { Table } from './_postgres-table.js'

/** A table that rows wait in until the end of the transaction, with which it goes. Its columns may be NULL but for `required`. */
export async function makeSideTable(
  session: DatabaseSession,
  target: Table,
  matches: readonly Match[],
  required: readonly string[] = [],
): Promise<string> {
  const { rows } = await session.query(`SELECT 'pype_' || replace(gen_random_uuid()::text, '-', '')`)
  const side = `pg_temp.${quoteName(rows[0]?.[0] ?? '')}`
  const columns = matches.map(({ to }) => quoteName(to.name)).join(', ')
  await session.query(
    `CREATE TEMPORARY TABLE ${side.slice('pg_temp.'.length)} ON COMMIT DROP AS SELECT ${columns} FROM ${target.quoted} WITH NO DATA`,
  )
  for (const name of required) await session.query(`ALTER TABLE ${side} ALTER ${quoteName(name)} SET NOT NULL`)
  return side
}

/** The error without the name of a side table in its message: nobody knows it. */
export function hideSideTable(error: unknown): unknown {
  if (!(error instanceof PypeError) || error.message.search(SIDE) < 0) return error
  return new PypeError(error.code, error.message.replaceAll(SIDE, 'the rows'), error)
}

const SIDE = /(relation )?"?\bpype_[0-9a-f]{32}\b"?/g

/**
 * Puts the rows of a side table in the place of those that a table has. Readers keep the old ones until the commit, but for the short
 * time of this.
 */
export async function replaceRows(session: DatabaseSession, target: Table, matches: readonly Match[], side: string): Promise<void> {
  const columns = matches.map(({ to }) => quoteName(to.name)).join(', ')
  await session.query((await canTruncate(session, target)) ? `TRUNCATE ${target.quoted}` : `DELETE FROM ${target.quoted}`)
  await session.query(`INSERT INTO ${target.quoted} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${side}`)
}

/** Not where other tables refer to this one, and not without the right to. */
async function canTruncate(session: DatabaseSession, { id, kind }: Table): Promise<boolean> {
  if (kind === 'other') return false
  const { rows } = await session.query(
    `SELECT has_table_privilege($1::oid, 'TRUNCATE')
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = $1::oid AND conrelid <> $1::oid)`,
    [id],
  )
  return rows[0]?.[0] === 't'
}
