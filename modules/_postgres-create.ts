/** Tables of PostgreSQL that are made for rows. */
import { type DataArtifact, type DatabaseSession, PypeError } from 'pypeline/sdk'
import { toPostgresType } from './_postgres-engine-types.js'
import { nameFault, parseTableName, quoteName } from './_postgres-names.js'
import { findPostgresRows } from './_postgres-rows.js'
import { isBuiltIn } from './_postgres-types.js'

/**
 * Makes a table for rows, unless another session has made it meanwhile. The keys become its primary key. Throws SCHEMA_MISMATCH for a
 * name that a column cannot have.
 */
export async function createTable(session: DatabaseSession, written: string, input: DataArtifact, keys: readonly string[]): Promise<void> {
  const { quoted } = parseTableName(written)
  const origin = findPostgresRows(input.relation)
  const columns = input.columns.map(({ name, type }) => {
    const fault = nameFault(name)
    if (fault !== undefined)
      throw new PypeError('SCHEMA_MISMATCH', `A column cannot be made: ${fault}.`, { hint: 'rename it with select_mod' })
    const source = origin?.columns.find((column) => column.name === name)
    return `${quoteName(name)} ${source !== undefined && isBuiltIn(source) ? source.typeName : toPostgresType(type)}`
  })
  const primary = keys.length === 0 ? [] : [`PRIMARY KEY (${keys.map(quoteName).join(', ')})`]
  // Two that make it at once would both look, find none, and one of them would fail.
  await session.query(`SELECT pg_advisory_xact_lock(hashtextextended('pype: table ' || $1::text, 0))`, [quoted])
  await session.query(`CREATE TABLE IF NOT EXISTS ${quoted} (${[...columns, ...primary].join(', ')})`)
}
