/** Tables of PostgreSQL that do not take rows as they are told to. */
import { type DatabaseSession, PypeError } from 'pypeline/sdk'
import type { Table } from './_postgres-table.js'

/** INSERT in the events of pg_relation_is_updatable. */
const INSERT_BIT = 8

/**
 * Throws SCHEMA_MISMATCH for a view that takes no rows; for a rule that does something else than to put rows into a table, or to delete them;
 * and for a table to be overwritten whose child tables have rows of their own.
 */
export async function refuseUnwritable(session: DatabaseSession, target: Table, mode: string): Promise<void> {
  if (target.kind === 'materialized view') {
    throw mismatch(
      `${target.quoted} is a materialized view, which takes no rows`,
      'write the tables that it reads, then REFRESH it with postgres_query',
    )
  }
  if (target.kind === 'view') await refuseFixedView(session, target)
  // COPY into a table goes past its rules.
  if (mode !== 'append' || target.kind === 'view') await refuseRules(session, target, mode)
  if (mode === 'overwrite') await refuseChildren(session, target)
}

async function refuseFixedView(session: DatabaseSession, { id, quoted }: Table): Promise<void> {
  const { rows } = await session.query('SELECT pg_relation_is_updatable($1::oid, true)', [id])
  if ((Number(rows[0]?.[0]) & INSERT_BIT) !== 0) return
  throw mismatch(`${quoted} is a view, which takes no rows`, 'write the table that it reads, or give it an INSTEAD OF trigger')
}

async function refuseRules(session: DatabaseSession, { id, quoted }: Table, mode: string): Promise<void> {
  const events = mode === 'overwrite' ? ['3', '4'] : ['3']
  const { rows } = await session.query(
    `SELECT rulename FROM pg_rewrite WHERE ev_class = $1::oid AND is_instead AND ev_enabled <> 'D' AND ev_type::text = ANY ($2::text[]) ORDER BY 1`,
    [id, `{${events.join(',')}}`],
  )
  if (rows.length === 0) return
  throw mismatch(
    `${quoted} has the rule ${namesOf(rows)}, which does something INSTEAD: what would become of the rows is not known`,
    'drop the rule, or write the table that it leads to; a trigger can do the same',
  )
}

/** The statements that empty a table empty its children too. Chunks of TimescaleDB are nothing apart from their table. */
async function refuseChildren(session: DatabaseSession, { id, kind, quoted }: Table): Promise<void> {
  if (kind === 'partitioned') return
  const { rows } = await session.query(
    `SELECT format('%I.%I', n.nspname, c.relname) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE i.inhparent = $1::oid AND n.nspname NOT LIKE '\\_timescaledb%' ORDER BY 1 LIMIT 5`,
    [id],
  )
  if (rows.length === 0) return
  throw mismatch(
    `Tables inherit from ${quoted}, and their rows would go with its own: ${namesOf(rows)}`,
    'write such a table by itself; or empty with postgres_query what you mean (DELETE FROM ONLY …), and use mode: append',
  )
}

function namesOf(rows: readonly (readonly (string | null)[])[]): string {
  return rows.map(([name]) => name).join(', ')
}

function mismatch(message: string, hint: string): PypeError {
  return new PypeError('SCHEMA_MISMATCH', `${message}.`, { hint })
}
