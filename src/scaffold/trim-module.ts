/** The module that a new project comes with. */
export const TRIM_MODULE = `/** Trims the blanks around the texts of some columns. */
import { defineModule, expr, joinSql, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'trim_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Trims the blanks around the texts of some columns.',
  category: 'Text',
  inputPorts: ['input'],
  outputPorts: ['output'],
  globals: {},
  packages: [],
  config: {
    required: { columns: { type: 'columns', description: 'The columns to trim.', example: ['name'] } },
    optional: {},
  },
  // Describes rows in SQL, and touches nothing: neighbouring modules become one statement.
  query: ({ inputs, config }) => ({
    output: sql\`SELECT * REPLACE (\${joinSql(config.columns.map((column) => expr\`trim(\${column}) AS \${column}\`))}) FROM \${inputs.input}\`,
  }),
})
`
