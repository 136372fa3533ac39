/** How an incremental source of PostgreSQL reads on from where the last run ended. */
import { type DatabaseSession, listShort, PypeError, type RunContext } from 'pypeline/sdk'
import { hintAtColumn, quoteName, quoteText } from './_postgres-names.js'
import { TYPE_ID } from './_postgres-type-ids.js'
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
    const known = columns.map(({ name }) => name)
    throw new PypeError('SCHEMA_MISMATCH', `There is no column ${cursor} for the cursor; there are ${listShort(known)}.`, {
      hint: hintAtColumn(cursor, known),
    })
  }
  const reached = await ctx.cursor.read({ again: lag !== undefined, of: ['table', 'query', 'cursor'] })
  const where = condition(column, { reached, start, lag })
  const highest = await findHighest(session, column, `(${query}\n) AS source${where}`)
  if (highest !== undefined && (await isBeyond(session, column, highest, reached))) {
    ctx.cursor.move(highest)
    ctx.setGlobal('cursor_value', highest)
  } else ctx.setGlobal('cursor_value', reached ?? null)
  return where
}

/** The highest value in the rows. Throws SCHEMA_MISMATCH for a type without one, BAD_ROW for a value that none is beyond. */
async function findHighest(session: DatabaseSession, column: PostgresColumn, from: string): Promise<string | undefined> {
  const { name, typeName } = column
  try {
    const { rows } = await session.query(`SELECT max(${quoteName(name)})::text FROM ${from}`)
    const highest = rows[0]?.[0] ?? undefined
    if (highest === undefined || !isEndless(column, highest)) return highest
    throw new PypeError(
      'BAD_ROW',
      `Column "${name}", the cursor, has the value ${highest}: no later row would be beyond it, and none be read.`,
      {
        hint: `mend such rows, or leave them out with a query: SELECT … WHERE ${quoteName(name)} < '${highest}'`,
      },
    )
  } catch (error) {
    if (!isWithoutMaximum(error)) throw error
    throw new PypeError('SCHEMA_MISMATCH', `Column "${name}" is a ${typeName}, which cannot be a cursor: PostgreSQL has no max of it.`, {
      hint: 'take a column that grows: a number, a date, a timestamp, or a text that sorts in the order of the rows',
      cause: error,
    })
  }
}

const MAY_BE_ENDLESS: ReadonlySet<number> = new Set([
  ...[TYPE_ID.date, TYPE_ID.timestamp, TYPE_ID.timestamptz, TYPE_ID.interval],
  ...[TYPE_ID.float4, TYPE_ID.float8, TYPE_ID.numeric],
])

/** NaN is above all numbers. */
function isEndless({ typeId }: PostgresColumn, value: string): boolean {
  return MAY_BE_ENDLESS.has(typeId) && /^(infinity|nan)$/i.test(value)
}

/** SQLSTATE 42883, undefined_function: the query itself was described before. */
function isWithoutMaximum(error: unknown): boolean {
  return error instanceof PypeError && error.cause instanceof Error && 'code' in error.cause && error.cause.code === '42883'
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
