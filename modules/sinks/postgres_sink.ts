/** Writes rows to a table of a PostgreSQL database. */
import { type Column, type DataArtifact, type DatabaseSession, defineModule, PypeError } from 'pypeline/sdk'
import { CONNECTION } from '../_postgres-connection.js'
import { createTable } from '../_postgres-create.js'
import { fitOf } from '../_postgres-fit.js'
import { loadRows } from '../_postgres-load.js'
import { matchColumns } from '../_postgres-match.js'
import { checkTableName } from '../_postgres-names.js'
import { addRows, replaceRows } from '../_postgres-overwrite.js'
import { makeSideTable } from '../_postgres-side-table.js'
import { findTable, lookUpTable, type Table } from '../_postgres-table.js'
import { upsertRows } from '../_postgres-upsert.js'
import { refuseUnwritable } from '../_postgres-writable.js'

export default defineModule({
  name: 'postgres_sink',
  type: 'sink',
  version: '1.0.0',
  description:
    'Writes rows to a table of a PostgreSQL database. All sinks of a sub flow with equal connections write in one transaction, which commits when the sub flow has completed.',
  category: 'Databases',
  inputPorts: ['input'],
  outputPorts: [],
  globals: { row_count: { type: 'int', description: 'Rows written.' } },
  packages: [],
  config: {
    required: {
      connection: CONNECTION,
      table: {
        type: 'str',
        description:
          'Name of the table, or schema.name. Names are case-sensitive; a part with a dot or a quote in it comes in double quotes. Columns match by name; those that the rows lack get their defaults.',
        example: 'sales.orders',
      },
    },
    optional: {
      mode: {
        type: 'enum',
        values: ['append', 'overwrite', 'upsert', 'error_if_exists'],
        description:
          'append adds to the rows that are there; overwrite replaces all of them; upsert replaces those with the same keys and adds the others; error_if_exists makes the table and fails when there is one.',
        example: 'upsert',
        default: 'append',
      },
      keys: {
        type: 'list',
        of: 'str',
        description: 'For upsert: the columns of a primary key or a unique index. A key that is NULL or comes twice is an error.',
        example: ['id'],
      },
      create_table: {
        type: 'bool',
        description: 'Make the table when it is missing, with the columns of the rows, and with the keys as its primary key.',
        example: true,
        default: false,
      },
    },
  },
  check: ({ table, mode, keys }, given) => {
    const faults = [...checkTableName(table)]
    const hasKeys = keys === undefined ? given.includes('keys') : Array.isArray(keys) && keys.length > 0
    // A mode that is a template is known in the run.
    const known = mode ?? (given.includes('mode') ? undefined : 'append')
    if (known === 'upsert' && !hasKeys) faults.push('mode upsert needs keys')
    if (known !== 'upsert' && known !== undefined && given.includes('keys'))
      faults.push(`keys go with mode upsert, and the mode is ${known}`)
    return faults
  },
  columns: async ({ columns, config, connect }) => {
    for (const key of config.keys ?? []) checkKey(key, columns.input)
    const table = await (connect && lookUp(await connect(config.connection), config))
    if (table === undefined) return {}
    // Throws for a column that keeps but a part of each value.
    for (const { from, to } of matchColumns(columns.input, table)) fitOf(from.type, to, '')
    return {}
  },
  run: async ({ input }, ctx) => {
    const { connection, table, mode, keys = [] } = ctx.config
    const transaction = await ctx.transaction(connection)
    const count = await transaction.perform(async (session) => {
      const target = await openTarget(session, ctx.config, input)
      await refuseUnwritable(session, target, mode)
      const matches = matchColumns(input.columns, target)
      const load = (into: string) => loadRows(ctx, session, input, matches, into)
      if (mode === 'upsert') return upsertRows(session, target, matches, keys, load)
      if (mode === 'overwrite') {
        const side = await makeSideTable(session, target, matches)
        // Last: it locks the table, which sources of this very sub flow may read until then.
        transaction.finally((last) => replaceRows(last, target, matches, side))
        return load(side)
      }
      await transaction.append(table, () => hasRows(session, target))
      if (target.kind !== 'view') return load(target.quoted)
      // COPY takes no view, but where a trigger stands for it.
      const side = await makeSideTable(session, target, matches)
      const count = await load(side)
      await addRows(session, target, matches, side)
      return count
    })
    ctx.setGlobal('row_count', count)
  },
})

/** The table as it is; undefined where the sink will make it. */
async function lookUp(session: DatabaseSession, { table, mode, create_table }: Target): Promise<Table | undefined> {
  if (mode === 'error_if_exists') return undefined
  return create_table ? lookUpTable(session, table) : findTable(session, table)
}

/** A key names a column of the table, which the rows may have in another case. */
function checkKey(key: string, columns: readonly Column[]): void {
  if (columns.some(({ name }) => name.toLowerCase() === key.toLowerCase())) return
  throw new PypeError('SCHEMA_MISMATCH', `The key "${key}" is no column of the rows.`, {
    hint: `the rows have ${columns.map(({ name }) => name).join(', ')}`,
  })
}

interface Target {
  readonly table: string
  readonly mode: string
  readonly create_table: boolean
  readonly keys?: readonly string[] | undefined
}

async function openTarget(session: DatabaseSession, { table, mode, create_table, keys = [] }: Target, input: DataArtifact): Promise<Table> {
  const existing = await lookUpTable(session, table)
  if (existing !== undefined && mode !== 'error_if_exists') return existing
  if (existing !== undefined) {
    throw new PypeError('TARGET_EXISTS', `The table ${existing.quoted} exists already.`, { hint: 'drop it, or choose another mode' })
  }
  if (create_table || mode === 'error_if_exists') await createTable(session, table, input, keys)
  return findTable(session, table)
}

async function hasRows(session: DatabaseSession, { quoted }: Table): Promise<boolean> {
  const { rows } = await session.query(`SELECT EXISTS (SELECT FROM ${quoted})`)
  return rows[0]?.[0] === 't'
}
