/** Puts out rows that stand in the flow itself. */
import { defineModule, inlineRows, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'inline_source',
  type: 'source',
  version: '1.0.0',
  description: 'Puts out rows that stand in the flow itself. A column that a row lacks is NULL there.',
  category: 'Rows',
  inputPorts: [],
  outputPorts: ['data'],
  globals: {
    row_count: { type: 'int', description: 'Rows that left by data.', query: ({ outputs }) => sql`SELECT count(*) FROM ${outputs.data}` },
  },
  packages: [],
  config: {
    required: {
      rows: {
        type: 'list',
        of: 'dict',
        typedBy: 'columns',
        description: 'The rows, each a map from column to value. Numbers of a column with a type keep all of their digits.',
        example: [{ id: 1, name: 'Ada' }],
      },
    },
    optional: {
      columns: {
        type: 'dict',
        of: 'str',
        description: 'Types by column. Default: whole numbers are BIGINT, others DOUBLE, then BOOLEAN and text.',
        example: { id: 'INTEGER', name: 'VARCHAR' },
      },
    },
  },
  query: ({ config }) => ({ data: inlineRows(config.rows, config.columns) }),
})
