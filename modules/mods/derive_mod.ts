/** Adds computed columns. */
import { defineModule, ident, type Relation, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'derive_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Adds computed columns. A column may use the ones before it; one that exists is replaced in its place.',
  category: 'Columns',
  inputPorts: ['input'],
  outputPorts: ['output'],
  globals: {},
  packages: [],
  config: {
    required: {
      columns: {
        type: 'dict',
        of: 'sql',
        expression: true,
        description: 'SQL expression by name of the column.',
        example: { total: 'qty * price' },
      },
    },
    optional: {},
  },
  query: ({ inputs: { input }, config, columns }) => {
    const known = new Map(columns.input.map((column) => [column.name.toLowerCase(), column.name]))
    let output: Relation = input
    for (const [name, expression] of Object.entries(config.columns)) {
      // One level per column: an expression sees the new values of those before it.
      const existing = known.get(name.toLowerCase())
      output =
        existing === undefined
          ? sql`SELECT *, (${expression}\n) AS ${ident(name)} FROM ${output}`
          : sql`SELECT * REPLACE ((${expression}\n) AS ${ident(existing)}) FROM ${output}`
      known.set(name.toLowerCase(), existing ?? name)
    }
    return { output }
  },
})
