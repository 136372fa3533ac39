/** Fails its sub flow. */
import { defineModule, PypeError } from 'pypeline/sdk'

export default defineModule({
  name: 'fail',
  type: 'solo',
  version: '1.0.0',
  description: 'Fails its sub flow, and so the run, with a message: the end of a branch that must not be reached.',
  category: 'Control',
  inputPorts: [],
  outputPorts: [],
  globals: {},
  packages: [],
  config: {
    required: {
      message: { type: 'str', description: 'The message of the error.', example: 'Only {{load__row_count}} rows were loaded.' },
    },
    optional: {},
  },
  run: (_, ctx) => {
    throw new PypeError('FAILED_BY_FLOW', ctx.config.message, { hint: 'the flow says so: look at the condition that led to this node' })
  },
})
