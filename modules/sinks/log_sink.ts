/** Writes rows into the log. */
import { defineModule, sql } from 'pypeline/sdk'
import { LEVEL } from '../_log.js'

export default defineModule({
  name: 'log_sink',
  type: 'sink',
  version: '1.0.0',
  description: 'Writes the first rows into the log, one line each.',
  category: 'Log',
  inputPorts: ['input'],
  outputPorts: [],
  globals: {
    row_count: { type: 'int', description: 'Rows that came in.', query: ({ inputs }) => sql`SELECT count(*) FROM ${inputs.input}` },
  },
  packages: [],
  config: {
    required: {},
    optional: {
      limit: { type: 'int', description: 'Rows to write.', example: 100, default: 10, min: 0 },
      level: LEVEL,
    },
  },
  run: async ({ input }, ctx) => {
    for (const row of await ctx.engine.head(input, ctx.config.limit)) {
      ctx.logger[ctx.config.level](JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)))
    }
  },
})
