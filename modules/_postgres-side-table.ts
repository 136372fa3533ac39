/** Tables beside the target, which rows wait in. */
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
