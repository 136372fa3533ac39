/** A sink of a project's own that inserts rows through the transaction of its sub flow. */
export const INSERT_ROWS = `
import { defineModule } from 'pypeline/sdk'

export default defineModule({
  name: 'insert_rows',
  type: 'sink',
  version: '1.0.0',
  description: 'Inserts rows, one by one.',
  category: 'Files',
  inputPorts: ['input'],
  outputPorts: [],
  globals: { row_count: { type: 'int', description: 'Rows.' } },
  packages: [],
  config: {
    required: {
      connection: { type: 'connection', description: 'The database.', example: '{{context.warehouse}}' },
      table: { type: 'str', description: 'The table.', example: 't' },
    },
    optional: { append: { type: 'bool', description: 'Rows go behind others.', example: true, default: false } },
  },
  run: async ({ input }, ctx) => {
    const { connection, table, append } = ctx.config
    const transaction = await ctx.transaction(connection)
    await transaction.perform(async (session) => {
      if (append) {
        await transaction.append(table, async () => (await session.query('SELECT 1 FROM ' + table + ' LIMIT 1')).rows.length > 0)
      }
      let rows = 0
      for await (const row of input.rows()) {
        const names = Object.keys(row)
        const values = names.map((_, index) => '$' + (index + 1)).join(', ')
        const texts = Object.values(row).map((value) => (value === null ? null : String(value)))
        await session.query('INSERT INTO ' + table + ' (' + names.join(', ') + ') VALUES (' + values + ')', texts)
        rows++
      }
      ctx.setGlobal('row_count', rows)
    })
  },
})
`
