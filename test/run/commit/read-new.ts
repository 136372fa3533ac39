/** An incremental source of a project's own: numbers of a table beyond those that an earlier run has read. */
export const READ_NEW = `
import { defineModule } from 'pypeline/sdk'

export default defineModule({
  name: 'read_new',
  type: 'source',
  version: '1.0.0',
  description: 'Reads the rows of a table that are new.',
  category: 'Files',
  inputPorts: [],
  outputPorts: ['data'],
  globals: {},
  packages: [],
  config: {
    required: {
      connection: { type: 'connection', description: 'The database.', example: '{{context.warehouse}}' },
      table: { type: 'str', description: 'The table.', example: 't' },
    },
    optional: {
      cursor: { type: 'str', description: 'The column.', example: 'x', cursor: true },
      lag: { type: 'int', description: 'How far to read again.', example: 1, default: 0, again: true },
    },
  },
  run: async (_, ctx) => {
    const { connection, table, lag } = ctx.config
    const from = await ctx.cursor.read({ again: lag > 0, of: ['table', 'cursor'] })
    const snapshot = await ctx.snapshot(connection)
    const session = await snapshot.open()
    try {
      const { rows } = await session.query(
        'SELECT x FROM ' + table + ' WHERE x > $1 ORDER BY x',
        [from === undefined ? '-1' : String(Number(from) - lag)],
      )
      const last = rows.at(-1)?.[0]
      if (last !== undefined) ctx.cursor.move(last)
      return { data: { columns: [{ name: 'x', type: 'INTEGER' }], rows: rows.map(([x]) => ({ x: Number(x) })) } }
    } finally {
      await session.close()
    }
  },
})
`
