/** Publishes values as globals. */
import { defineModule } from 'pypeline/sdk'

export default defineModule({
  name: 'set_global',
  type: 'solo',
  version: '1.0.0',
  description: 'Publishes values as globals: values {limit: 10} of the node setup is {{setup__limit}}.',
  category: 'Control',
  inputPorts: [],
  outputPorts: [],
  globals: {},
  dynamicGlobals: (config) => (typeof config['values'] === 'object' && config['values'] !== null ? Object.keys(config['values']) : []),
  packages: [],
  readsOnly: true,
  config: {
    required: {
      values: { type: 'dict', description: 'Value by name.', example: { limit: 10 } },
    },
    optional: {},
  },
  run: (_, ctx) => {
    for (const [name, value] of Object.entries(ctx.config.values)) ctx.setGlobal(name, value)
  },
})
