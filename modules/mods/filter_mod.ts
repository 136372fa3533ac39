/** Keeps the rows for which a condition holds; the others leave by `reject`. */
import { defineModule, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'filter_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Keeps the rows for which a condition holds; the others leave by reject.',
  category: 'Rows',
  inputPorts: ['input'],
  outputPorts: ['output', 'reject'],
  globals: {},
  packages: [],
  config: {
    required: {
      condition: {
        type: 'sql',
        expression: true,
        description: 'Boolean SQL expression over the input columns. NULL counts as false.',
        example: 'age > 18',
      },
    },
    optional: {},
  },
  query: ({ inputs: { input }, config, outputs }) => {
    if (!outputs.has('reject')) return { output: sql`SELECT * FROM ${input} WHERE (${config.condition}\n)` }
    // Once per row, so that each row leaves by one port whatever the condition is.
    const marked = sql`SELECT *, ((${config.condition}\n)) IS TRUE AS "_pype_keep" FROM ${input}`
    return {
      output: sql`SELECT * EXCLUDE ("_pype_keep") FROM ${marked} WHERE "_pype_keep"`,
      reject: sql`SELECT * EXCLUDE ("_pype_keep") FROM ${marked} WHERE NOT "_pype_keep"`,
    }
  },
})
