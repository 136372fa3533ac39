import type { DagNode } from '../../core/dag.js'
import { typesOf } from '../../registry/config-check.js'
import { BUILT_IN_PREFIX } from '../../registry/registry.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'

/**
 * Whether a node may do something that the folder of a test does not hold: ask or change a database, run a command or another job, or
 * whatever the code of a project's own source, sink or solo does. Modules that only describe queries touch nothing, and built-in ones
 * only files, which are in the folder.
 */
export function actsOutside(node: DagNode, definition: ModuleDefinition): boolean {
  if (takes(definition, 'connection')) return true
  if (definition.query !== undefined || definition.type === 'mod') return false
  if (!node.module_path.startsWith(BUILT_IN_PREFIX)) return true
  return takes(definition, 'command') || definition.name === 'run_flow'
}

function takes({ config: { required, optional } }: ModuleDefinition, type: 'connection' | 'command'): boolean {
  return Object.values({ ...required, ...optional }).some((spec) => typesOf(spec).includes(type))
}
