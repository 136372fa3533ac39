import { suggestName } from '../../src/build/findings.js'
import type { ModuleCatalogue, ResolvedModule } from '../../src/registry/catalogue.js'
import { defineModule, type ModuleDefinition } from '../../src/sdk/define-module.js'

type Shape = Pick<ModuleDefinition, 'name' | 'type'> & Partial<ModuleDefinition>

function module(shape: Shape): ModuleDefinition {
  return defineModule({
    version: '1.0.0',
    description: '',
    category: 'Test',
    inputPorts: [],
    outputPorts: [],
    globals: {},
    packages: [],
    config: { required: {}, optional: {} },
    ...shape,
  })
}

const text = (example: string) => ({ type: 'str', description: '', example }) as const
const globals = { row_count: { type: 'int', description: '' } } as const

const MODULES = [
  module({
    name: 'csv_source',
    type: 'source',
    outputPorts: ['data', 'reject'],
    globals,
    config: {
      required: { file_path: { type: ['path', 'list'], of: 'path', description: '', example: 'a.csv' } },
      optional: {
        null_text: { ...text(''), default: '' },
        skip: { type: 'int', description: '', example: 1, min: 0, default: 0 },
        encoding: { type: 'enum', values: ['utf-8', 'latin-1'], description: '', example: 'utf-8', default: 'utf-8' },
        columns: { type: ['list', 'dict'], of: 'str', description: '', example: ['a'] },
      },
    },
  }),
  module({
    name: 'filter_mod',
    type: 'mod',
    inputPorts: ['input'],
    outputPorts: ['output', 'reject'],
    config: { required: { condition: { type: 'sql', expression: true, description: '', example: 'a > 1' } }, optional: {} },
  }),
  module({ name: 'union_mod', type: 'mod', inputPorts: ['input*'], outputPorts: ['output'] }),
  module({ name: 'lookup_mod', type: 'mod', inputPorts: ['input', 'lookup?'], outputPorts: ['output'] }),
  module({
    name: 'csv_sink',
    type: 'sink',
    inputPorts: ['input'],
    globals,
    config: {
      required: { output_path: { type: 'path', description: '', example: 'b.csv' } },
      optional: { mode: { type: 'enum', values: ['overwrite', 'append'], description: '', example: 'append', default: 'overwrite' } },
    },
  }),
  module({
    name: 'list_files',
    type: 'solo',
    items: true,
    globals: { count: { type: 'int', description: '' } },
    config: { required: { path: { type: 'path', description: '', example: 'in' } }, optional: {} },
  }),
  module({
    name: 'log',
    type: 'solo',
    config: {
      required: { message: text('hello') },
      optional: { level: text('info'), token: { type: 'secret', description: '', example: 'x' } },
    },
    check: (config) => (config.level === 'loud' ? ['level must not be loud.'] : []),
  }),
  module({
    name: 'set_global',
    type: 'solo',
    dynamicGlobals: (config) => (typeof config.values === 'object' && config.values !== null ? Object.keys(config.values) : []),
    config: { required: { values: { type: 'dict', description: '', example: { a: 1 } } }, optional: {} },
  }),
  module({
    name: 'load_table',
    type: 'sink',
    inputPorts: ['input'],
    config: { required: { connection: { type: 'connection', description: '', example: '{{context.warehouse}}' } }, optional: {} },
  }),
  module({ name: 'query', type: 'solo', dynamicGlobals: () => ['*'] }),
  module({ name: 'needy', type: 'solo', packages: ['a-package-that-nobody-has'] }),
]

/** A few modules of every type, in memory: their files are not what these tests are about. */
export const CATALOGUE: ModuleCatalogue = {
  names: () => MODULES.map(({ name }) => name).sort(),
  hintFor: async (name) => `${suggestName(name, CATALOGUE.names(), 'check the name;')} \`pype list-modules\` shows all ${MODULES.length}.`,
  find: async (name): Promise<ResolvedModule | undefined> => {
    const definition = MODULES.find((candidate) => candidate.name === name)
    return definition && { definition, modulePath: `pype:test/${name}`, sourceHash: null }
  },
}
