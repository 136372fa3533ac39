/** Rows on their way into a table of PostgreSQL. */
import { type DataArtifact, type DatabaseSession, expr, ident, joinSql, type RunContext, sql } from 'pypeline/sdk'
import type { Match } from './_postgres-match.js'
import { quoteName } from './_postgres-names.js'
import { findPostgresRows } from './_postgres-rows.js'
import type { TableColumn } from './_postgres-table.js'
import { directForm, type PostgresColumn } from './_postgres-types.js'
import { toValue } from './_postgres-values.js'

type Loading = Pick<RunContext, 'engine' | 'signal'>

/**
 * Copies rows into a table, each column into the one it was matched with; returns their number. Rows that come straight from another
 * table of PostgreSQL go there directly, where the engine would only pass them on.
 */
export async function loadRows(
  ctx: Loading,
  session: DatabaseSession,
  input: DataArtifact,
  matches: readonly Match[],
  quotedTable: string,
): Promise<number> {
  const copy = (form: 'binary' | 'csv') =>
    `COPY ${quotedTable} (${matches.map(({ to }) => quoteName(to.name)).join(', ')}) FROM STDIN (FORMAT ${form})`
  const direct = findDirectRows(ctx, input, matches)
  if (direct !== undefined) return session.copyIn(copy(direct.form), await direct.rows.read(direct.columns, direct.form, ctx.signal))
  const items = matches.map(({ from, to }) => expr`${toValue(from, to)} AS ${ident(from.name)}`)
  const wire = sql`SELECT ${joinSql(items)} FROM ${input}`
  const { result } = await ctx.engine.send(wire, { format: 'csv', options: { header: false } }, (bytes) =>
    session.copyIn(copy('csv'), bytes),
  )
  return result
}

function findDirectRows({ engine }: Loading, input: DataArtifact, matches: readonly Match[]) {
  const rows = findPostgresRows(input.relation)
  // Who else reads the rows must read the same ones: then they are stored.
  if (rows === undefined || !engine.isReadOnce(input)) return undefined
  const columns: PostgresColumn[] = []
  const targets: TableColumn[] = []
  for (const { from, to } of matches) {
    const column = rows.columns.find(({ name }) => name === from.name)
    if (column === undefined) return undefined
    columns.push(column)
    targets.push(to)
  }
  const form = directForm(columns, targets)
  return form === undefined ? undefined : { rows, columns, form }
}
