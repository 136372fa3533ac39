/** How an incremental source of PostgreSQL reads on from where the last run ended. */
import { type DatabaseSession, PypeError, type RunContext } from 'pypeline/sdk'
import { quoteName, quoteText } from './_postgres-names.js'
import type { PostgresColumn } from './_postgres-types.js'

interface Reading {
  readonly cursor?: string | undefined
  readonly start?: string | undefined
  readonly lag?: string | undefined
}

/**
 * The condition on the rows of a query that this run reads; empty without a cursor. Notes how far they reach, in the state of the
 * database that they are read from.
 */
export async function readOn(
  ctx: Pick<RunContext<Reading, 'cursor_value'>, 'config' | 'cursor' | 'setGlobal'>,
  session: DatabaseSession,
  query: string,
  columns: readonly PostgresColumn[],
): Promise<string> {
  const { cursor, start, lag } = ctx.config
  if (cursor === undefined) {
    ctx.setGlobal('cursor_value', null)
    return ''
  }
  const column = columns.find(({ name }) => name === cursor)
  if (column === undefined) {
    throw new PypeError(
      'SCHEMA_MISMATCH',
      `There is no column ${cursor} for the cursor; there are ${columns.map(({ name }) => name).join(', ')}.`,
      {
        hint: 'names of columns are case-sensitive',
      },
    )
  }
  const reached = await ctx.cursor.read({ again: lag !== undefined, of: ['table', 'query', 'cursor'] })
  const where = condition(column, { reached, start, lag })
  const { rows } = await session.query(`SELECT max(${quoteName(cursor)})::text FROM (${query}\n) AS source${where}`)
  const highest = rows[0]?.[0] ?? undefined
  if (highest !== undefined && (await isBeyond(session, column, highest, reached))) {
    ctx.cursor.move(highest)
    ctx.setGlobal('cursor_value', highest)
  } else ctx.setGlobal('cursor_value', reached ?? null)
  return where
}

function condition({ name, typeName }: PostgresColumn, { reached, start, lag }: { reached: string | undefined } & Reading): string {
  const value = (text: string) => `CAST(${quoteText(text)} AS ${typeName})`
  if (reached === undefined) return start === undefined ? '' : ` WHERE ${quoteName(name)} >= ${value(start)}`
  if (lag === undefined) return ` WHERE ${quoteName(name)} > ${value(reached)}`
  return ` WHERE ${quoteName(name)} >= ${value(reached)} - ${lagOf(typeName, lag)}`
}

function lagOf(typeName: string, lag: string): string {
  return `CAST(${quoteText(lag)} AS ${/^(date|timestamp|time)/.test(typeName) ? 'interval' : typeName})`
}

/** Rows that were read again may all lie before what was reached. */
async function isBeyond(
  session: DatabaseSession,
  { typeName }: PostgresColumn,
  highest: string,
  reached: string | undefined,
): Promise<boolean> {
  if (reached === undefined) return true
  const { rows } = await session.query(`SELECT CAST(CAST($1 AS text) AS ${typeName}) > CAST(CAST($2 AS text) AS ${typeName})`, [
    highest,
    reached,
  ])
  return rows[0]?.[0] === 't'
}
