/** Rows on their way into a table of PostgreSQL. */
import {
  type Column,
  type DataArtifact,
  type DatabaseSession,
  type Expression,
  expr,
  ident,
  joinSql,
  type RunContext,
  rawSql,
  sql,
} from 'pypeline/sdk'
import { fitOf, withoutNul } from './_postgres-fit.js'
import type { Match } from './_postgres-match.js'
import { checked, readMisfit } from './_postgres-misfit.js'
import { quoteName } from './_postgres-names.js'
import { findPostgresRows } from './_postgres-rows.js'
import { hideSideTable } from './_postgres-side-table.js'
import type { TableColumn } from './_postgres-table.js'
import { directForm, type PostgresColumn } from './_postgres-types.js'
import { toValue } from './_postgres-values.js'

type Loading = Pick<RunContext, 'engine' | 'signal'>

/**
 * Copies rows into a table, each column into the one it was matched with; returns their number. Rows that come straight from another
 * table of PostgreSQL go there directly, where the engine would only pass them on. Throws BAD_ROW for a value that the column does
 * not hold as it is.
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
  const items = direct === undefined ? matches.map(({ from, to }) => expr`${valueFor(from, to)} AS ${ident(from.name)}`) : []
  try {
    if (direct !== undefined)
      return await session.copyIn(copy(direct.form), await direct.rows.read(direct.columns, direct.form, ctx.signal))
    const wire = sql`SELECT ${joinSql(items)} FROM ${input} AS ${ident(ROW)}`
    const { result } = await ctx.engine.send(wire, { format: 'csv', options: { header: false } }, (bytes) =>
      session.copyIn(copy('csv'), bytes),
    )
    return result
  } catch (error) {
    throw hideSideTable(readMisfit(error))
  }
}

/** The name of a row of the input. */
const ROW = '_pype_row'

function valueFor(from: Column, to: TableColumn): Expression {
  const name = quoteName(from.name)
  const fit = withoutNul(from.type, fitOf(from.type, to, name), name)
  return rawSql(fit === undefined ? toValue(from, to) : checked(from.name, to, fit, fit.value ?? toValue(from, to), ROW))
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
  const form = directForm(columns, targets, (target) => fitOf('VARCHAR', target, 'x') === undefined)
  return form === undefined ? undefined : { rows, columns, form }
}
