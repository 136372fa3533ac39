import type { Dag } from '../../core/dag.js'
import { listRefs } from '../../core/template.js'

/** The names of all context values that the configs and conditions of a flow refer to. */
export function findContextNames(dag: Dag): ReadonlySet<string> {
  const values = [...dag.nodes.map((node) => node.configs), ...dag.control.map((connection) => connection.condition)]
  return new Set(values.flatMap(listRefs).flatMap((ref) => (ref.scope === 'context' ? [ref.name] : [])))
}
