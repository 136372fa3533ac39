/** Waits for some time. */
import { defineModule } from 'pypeline/sdk'
import { pause } from '../_pause.js'

export default defineModule({
  name: 'sleep',
  type: 'solo',
  version: '1.0.0',
  description: 'Waits for some time. A cancel ends it at once.',
  category: 'Control',
  inputPorts: [],
  outputPorts: [],
  globals: {},
  packages: [],
  config: {
    required: {
      seconds: { type: 'float', description: 'How long, in seconds.', example: 1.5, min: 0 },
    },
    optional: {},
  },
  run: (_, ctx) => pause(ctx.config.seconds, ctx.signal),
})
