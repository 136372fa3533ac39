/** Groups rows and computes one row per group. */
import { defineModule, expr, ident, joinSql, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'aggregate_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Groups rows and computes one row per group; without group_by one row for all.',
  category: 'Rows',
  inputPorts: ['input'],
  outputPorts: ['output'],
  globals: {},
  packages: [],
  config: {
    required: {
      aggregates: {
        type: 'dict',
        of: 'sql',
        expression: true,
        description: 'SQL aggregate by name of the column.',
        example: { total: 'sum(amount)', orders: 'count(*)' },
      },
    },
    optional: {
      group_by: { type: 'columns', description: 'Columns that make a group.', example: ['region'], default: [] },
    },
  },
  check: (config) => {
    const names = [...Object.values(Object(config['group_by'])), ...Object.keys(Object(config['aggregates']))].map(String)
    const twice = names.find((name, i) => names.slice(0, i).some((other) => other.toLowerCase() === name.toLowerCase()))
    return twice === undefined ? [] : [`Two columns would be called "${twice}".`]
  },
  query: ({ inputs: { input }, config }) => {
    const aggregates = Object.entries(config.aggregates).map(([name, expression]) => expr`(${expression}\n) AS ${ident(name)}`)
    const items = joinSql([...config.group_by, ...aggregates])
    if (config.group_by.length === 0) return { output: sql`SELECT ${items} FROM ${input}` }
    return { output: sql`SELECT ${items} FROM ${input} GROUP BY ${joinSql(config.group_by)}` }
  },
})
