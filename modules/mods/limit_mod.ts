/** Keeps the first rows. */
import { defineModule, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'limit_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Keeps the first rows. Which these are is defined after sort_mod.',
  category: 'Rows',
  inputPorts: ['input'],
  outputPorts: ['output'],
  globals: {},
  packages: [],
  config: {
    required: {
      limit: { type: 'int', description: 'Rows to keep.', example: 100, min: 0 },
    },
    optional: {
      offset: { type: 'int', description: 'Rows to leave out before.', example: 10, default: 0, min: 0 },
    },
  },
  query: ({ inputs: { input }, config }) => ({ output: sql`SELECT * FROM ${input} LIMIT ${config.limit} OFFSET ${config.offset}` }),
})
