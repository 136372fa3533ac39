import type { Dag } from '../../core/dag.js'
import type { Json } from '../../core/json.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { ResolvedContext } from '../job/read-context.js'

/** Values, as written, that may be connections: those of configs of this type, and all of the context. */
export function listCandidates(dag: Dag, definitions: ReadonlyMap<string, ModuleDefinition>, context: ResolvedContext): readonly Json[] {
  const names = [...Object.keys(context.values), ...Object.keys(context.written)]
  return [...listConnectionConfigs(dag, definitions), ...names.map((name) => `{{context.${name}}}`)]
}

/** The values of all configs of type connection in a flow, as written. */
export function listConnectionConfigs(dag: Dag, definitions: ReadonlyMap<string, ModuleDefinition>): readonly Json[] {
  return dag.nodes.flatMap((node) => {
    const { required = {}, optional = {} } = definitions.get(node.id)?.config ?? {}
    const names = Object.entries({ ...required, ...optional }).flatMap(([name, { type }]) => (type === 'connection' ? [name] : []))
    return names.flatMap((name) => node.configs[name] ?? [])
  })
}
