/** Reads a table or a query of a PostgreSQL database. */
import { type DatabaseSession, defineModule, type Expression, listShort, PypeError, sql, trimStatement } from 'pypeline/sdk'
import { CONNECTION } from '../_postgres-connection.js'
import { readOn } from '../_postgres-cursor.js'
import { checkTableName, hintAtColumn, quoteName } from '../_postgres-names.js'
import { PostgresRows } from '../_postgres-rows.js'
import { toPostgresSql } from '../_postgres-sql.js'
import { describeQuery, findTable } from '../_postgres-table.js'
import { engineTypeOf, type PostgresColumn } from '../_postgres-types.js'

export default defineModule({
  name: 'postgres_source',
  type: 'source',
  version: '1.0.0',
  description:
    'Reads a table or a query of a PostgreSQL database, or with a cursor what is new in it since the last run. All sources of a sub flow with equal connections see the same state of the database.',
  category: 'Databases',
  inputPorts: [],
  outputPorts: ['data'],
  globals: {
    row_count: { type: 'int', description: 'Rows that left by data.', query: ({ outputs }) => sql`SELECT count(*) FROM ${outputs.data}` },
    cursor_value: {
      type: 'str',
      description: 'The value that the cursor has reached, as text; NULL without a cursor or before the first row.',
    },
  },
  packages: [],
  config: {
    required: { connection: CONNECTION },
    optional: {
      table: {
        type: 'str',
        description:
          'Name of a table or a view, or schema.name. Names are case-sensitive; a part with a dot or a quote in it comes in double quotes.',
        example: 'sales.orders',
      },
      query: {
        type: 'sql',
        description: 'A SELECT in the SQL of PostgreSQL, in place of a table.',
        example: 'SELECT id, total FROM sales.orders WHERE total > 0',
      },
      columns: {
        type: 'list',
        of: 'str',
        description: 'Names of the columns to read, in this order. Default: all.',
        example: ['id', 'total'],
      },
      cursor: {
        type: 'str',
        description:
          'A column that grows with each new or changed row. A run reads the rows beyond the value that the last one reached; the value moves when these rows are committed.',
        example: 'updated_at',
        cursor: true,
      },
      start: {
        type: 'str',
        description: 'Where the first run with a cursor starts: it reads the rows from this value on. Default: all rows.',
        example: '2026-01-01',
      },
      lag: {
        type: 'str',
        description:
          'How far before the value of the cursor a run starts again, for rows that become visible late: an interval, or a number for a cursor that is one. Needs a sink with mode upsert.',
        example: '10 minutes',
        again: true,
      },
    },
  },
  check: ({ table }, given) => {
    const has = (name: string) => given.includes(name)
    const faults = [...checkTableName(table)]
    if (has('table') && has('query')) faults.push('table and query exclude each other')
    if (!has('cursor') && (has('start') || has('lag'))) faults.push('start and lag go with a cursor')
    return faults
  },
  columns: async ({ config, connect }) => {
    const { connection, table, query, columns } = config
    if (connect === undefined) return {}
    const rows = await selectRows(await connect(connection), table, query)
    return { data: pick(rows.columns, columns).map((column) => ({ name: column.name, type: engineTypeOf(column) })) }
  },
  run: async (_, ctx) => {
    const { connection, table, query, columns } = ctx.config
    const snapshot = await ctx.snapshot(connection)
    const session = await snapshot.open()
    try {
      const rows = await selectRows(session, table, query)
      const picked = pick(rows.columns, columns)
      const where = await readOn(ctx, session, rows.text, rows.columns)
      const text = `SELECT ${picked.map(({ name }) => quoteName(name)).join(', ')} FROM (${rows.text}\n) AS source${where}`
      return { data: new PostgresRows(snapshot, text, picked).relation }
    } finally {
      await session.close()
    }
  },
})

interface Selected {
  readonly text: string
  readonly columns: readonly PostgresColumn[]
}

async function selectRows(session: DatabaseSession, table: string | undefined, query: Expression | undefined): Promise<Selected> {
  if (query !== undefined) {
    const text = toPostgresSql(trimStatement(query))
    return { text, columns: await describeQuery(session, text) }
  }
  // The build cannot say so: it does not see a config with a template.
  if (table === undefined) throw new PypeError('CONFIG_INVALID', 'Neither a table nor a query is given.', { hint: 'add table or query' })
  const found = await findTable(session, table)
  const text = `SELECT * FROM ${found.quoted}`
  const dimensions = new Map(found.columns.map(({ name, dimensions }) => [name, dimensions]))
  const columns = await describeQuery(session, text)
  return { text, columns: columns.map((column) => ({ ...column, dimensions: dimensions.get(column.name) ?? 1 })) }
}

function pick(columns: readonly PostgresColumn[], names: readonly string[] | undefined): readonly PostgresColumn[] {
  if (names === undefined) return columns
  return names.map((name) => {
    const column = columns.find((each) => each.name === name)
    if (column !== undefined) return column
    const known = columns.map((each) => each.name)
    throw new PypeError('SCHEMA_MISMATCH', `There is no column ${name}; there are ${listShort(known)}.`, {
      hint: hintAtColumn(name, known),
    })
  })
}
