/** A join on its own: it waits for all connections into it, or for the first that is taken. */
import { defineModule } from 'pypeline/sdk'

export default defineModule({
  name: 'gate',
  type: 'solo',
  version: '1.0.0',
  description: 'Waits for all control connections into it, or starts at the first that is taken and ignores the others.',
  category: 'Control',
  inputPorts: [],
  outputPorts: [],
  globals: {},
  packages: [],
  config: {
    required: {},
    optional: {
      wait: {
        type: 'enum',
        values: ['all', 'any'],
        fixed: true,
        description: 'all: as every sub flow; any: one connection that is taken is enough, blocking ones do not matter.',
        example: 'any',
        default: 'all',
      },
    },
  },
  run: async () => {},
})
