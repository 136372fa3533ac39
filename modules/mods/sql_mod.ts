/** Runs an SQL query over its inputs. */
import { defineModule, expr, ident, joinSql, sql, trimStatement } from 'pypeline/sdk'

export default defineModule({
  name: 'sql_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Runs an SQL query; its inputs are tables that are called like their ports.',
  category: 'Rows',
  inputPorts: ['input*'],
  outputPorts: ['output'],
  globals: {},
  packages: [],
  config: {
    required: {
      sql: { type: 'sql', description: 'One SELECT statement.', example: 'SELECT region, max(amount) AS top FROM input GROUP BY region' },
    },
    optional: {},
  },
  query: ({ inputs, config }) => {
    const tables = Object.entries(inputs).map(([port, input]) => expr`${ident(port)} AS NOT MATERIALIZED (SELECT * FROM ${input})`)
    return { output: sql`WITH ${joinSql(tables)} SELECT * FROM (${trimStatement(config.sql)}\n)` }
  },
})
