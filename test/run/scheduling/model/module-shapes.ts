import type { ModuleCatalogue } from '../../../../src/registry/catalogue.js'
import { defineModule, type ModuleDefinition } from '../../../../src/sdk/define-module.js'

type Shape = Pick<ModuleDefinition, 'name' | 'type'> & Partial<ModuleDefinition>

function shape(definition: Shape): ModuleDefinition {
  return defineModule({
    version: '1.0.0',
    description: '',
    category: 'Test',
    inputPorts: [],
    outputPorts: [],
    globals: {},
    packages: [],
    config: { required: {}, optional: {} },
    ...definition,
  })
}

const WAIT = { type: 'enum', values: ['all', 'any'], description: '', example: 'any', default: 'all' } as const

const SHAPES = new Map(
  [
    shape({ name: 'act', type: 'solo' }),
    shape({ name: 'list', type: 'solo', items: true }),
    shape({ name: 'gate', type: 'solo', config: { required: {}, optional: { wait: WAIT } } }),
    shape({ name: 'read', type: 'source', outputPorts: ['out'] }),
    shape({ name: 'change', type: 'mod', inputPorts: ['in*'], outputPorts: ['out'] }),
    shape({ name: 'write', type: 'sink', inputPorts: ['in*'] }),
  ].map((definition) => [definition.name, definition]),
)

/** Modules of every type; what they do is not what the walk is about. The gate is known by its path. */
export const MODULE_SHAPES: ModuleCatalogue = {
  names: () => [...SHAPES.keys()].sort(),
  hintFor: async () => 'there are no others',
  find: async (name) => {
    const definition = SHAPES.get(name)
    return definition && { definition, modulePath: `pype:solo/${name}`, sourceHash: null }
  },
}
