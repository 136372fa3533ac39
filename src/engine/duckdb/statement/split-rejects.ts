import { PypeError } from '../../../core/errors.js'
import type { CastRelation, Column, StoredRelation } from '../../../sdk/relation.js'
import { ISO_FORMAT } from '../scan/number-text.js'
import { MISFIT, type RejectedRow, type ResolvedScan } from '../scan/resolved-scan.js'
import { castMisfit, lenientCast } from '../scan/strict-cast.js'
import type { Session } from '../session.js'
import { describe } from './describe.js'
import { quoteName, quoteText } from './literal.js'

/** What a cast adds to the columns of a row that it rejects. */
export const CAST_REJECT_COLUMNS: readonly Column[] = [
  { name: '_error_code', type: 'VARCHAR' },
  { name: '_error_message', type: 'VARCHAR' },
  { name: '_column', type: 'VARCHAR' },
]

/** Reads a scan once into a table without its bad rows; those come back as rows. */
export async function splitScan(
  session: Session,
  scan: ResolvedScan,
  table: string,
  signal: AbortSignal,
): Promise<{ rows: StoredRelation; rejects: readonly RejectedRow[] }> {
  const { rejecting } = scan
  if (rejecting === undefined) throw new PypeError('INTERNAL', 'This format has no bad rows.')
  const tables = { errors: `${table}_errors`, scans: `${table}_scans` }
  // The tables of bad rows belong to the connection.
  return session.use(async (connection) => {
    const run = async (statement: string) => (await connection.runAndReadAll(statement)).getRowObjectsJS()
    await connection.run(`CREATE TABLE ${quoteName(table)} AS ${rejecting.select(tables)}`)
    const misfits = Number((await run(`SELECT count(*) AS n FROM ${quoteName(table)} WHERE ${MISFIT}`))[0]?.['n'] ?? 0)
    const rejects: RejectedRow[] = []
    for await (const row of rejecting.rejects(tables, misfits > 0, run)) rejects.push(row)
    if (misfits > 0) await connection.run(`DELETE FROM ${quoteName(table)} WHERE ${MISFIT}`)
    const rows = Number((await run(`SELECT count(*) AS n FROM ${quoteName(table)}`))[0]?.['n'] ?? 0)
    return { rows: { kind: 'stored', at: { kind: 'memory', table }, columns: scan.columns, rows }, rejects }
  }, signal)
}

/** Converts the columns of a cast; a row with a value that does not fit goes to the second table as it came, with the reason. */
export async function splitCast(
  session: Session,
  { types }: CastRelation,
  columns: readonly Column[],
  from: string,
  [good, bad]: readonly [string, string],
  signal: AbortSignal,
): Promise<{ rows: StoredRelation; rejects: StoredRelation }> {
  const all = columns.map((column) => quoteName(column.name)).join(', ')
  const which = `CASE ${types.map(({ name, type }, i) => `WHEN ${castMisfit(columns, name, type)} THEN ${i}`).join(' ')} END`
  const marked = `${good}_marked`
  await session.run(`CREATE TABLE ${quoteName(marked)} AS SELECT ${all}, ${which} AS ${MISFIT} FROM ${from}`, signal)
  const converted = columns.map(({ name, type }) => {
    const target = types.find((other) => other.name === name)
    return `${target === undefined ? quoteName(name) : convert(type, name, target.type)} AS ${quoteName(name)}`
  })
  const stored = async (table: string, select: string): Promise<StoredRelation> => {
    const rows = await session.count(`CREATE TABLE ${quoteName(table)} AS ${select}`, signal)
    return {
      kind: 'stored',
      at: { kind: 'memory', table },
      columns: await describe(session, `SELECT * FROM ${quoteName(table)}`, signal),
      rows,
    }
  }
  const message = types
    .map(
      ({ name, type }, i) =>
        `WHEN ${i} THEN concat(${quoteText(`Column "${name}": `)}, '''', CAST(${quoteName(name)} AS VARCHAR), ${quoteText(`' is no ${type}.`)})`,
    )
    .join(' ')
  const column = types.map(({ name }, i) => `WHEN ${i} THEN ${quoteText(name)}`).join(' ')
  const rows = await stored(good, `SELECT ${converted.join(', ')} FROM ${quoteName(marked)} WHERE ${MISFIT} IS NULL`)
  const rejects = await stored(
    bad,
    `SELECT ${all}, 'BAD_ROW' AS _error_code, CASE ${MISFIT} ${message} END AS _error_message, CASE ${MISFIT} ${column} END AS _column FROM ${quoteName(marked)} WHERE ${MISFIT} IS NOT NULL`,
  )
  await session.run(`DROP TABLE ${quoteName(marked)}`)
  return { rows, rejects }
}

function convert(from: string, name: string, to: string): string {
  return from === 'VARCHAR' ? lenientCast(quoteName(name), to, ISO_FORMAT) : `TRY_CAST(${quoteName(name)} AS ${to})`
}
