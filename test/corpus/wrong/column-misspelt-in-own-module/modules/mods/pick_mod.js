import { defineModule, findColumn, ident, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'pick_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Gives one column.',
  category: 'Own',
  inputPorts: ['input'],
  outputPorts: ['output'],
  globals: {},
  packages: [],
  config: { required: { column: { type: 'column', description: 'Its name.', example: 'city' } }, optional: {} },
  query: ({ inputs, config, columns }) => ({
    output: sql`SELECT ${ident(findColumn(columns.input, config.column))} FROM ${inputs.input}`,
  }),
})
