/** Writes a message into the log. */
import { defineModule } from 'pypeline/sdk'
import { LEVEL } from '../_log.js'

export default defineModule({
  name: 'log',
  type: 'solo',
  version: '1.0.0',
  description: 'Writes a message into the log.',
  category: 'Log',
  inputPorts: [],
  outputPorts: [],
  globals: {},
  packages: [],
  config: {
    required: {
      message: { type: 'str', description: 'The message.', example: 'Loaded {{load__row_count}} rows.' },
    },
    optional: {
      level: LEVEL,
    },
  },
  run: (_, ctx) => ctx.logger[ctx.config.level](ctx.config.message),
})
