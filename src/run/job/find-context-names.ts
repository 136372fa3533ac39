import type { Dag } from '../../core/dag.js'
import type { Json } from '../../core/json.js'
import { hasTemplate, parseTemplate } from '../../core/template.js'

/** The names of all context values that the configs and conditions of a flow refer to. */
export function findContextNames(dag: Dag): ReadonlySet<string> {
  const names = new Set<string>()
  const open: Json[] = [...dag.nodes.map((node) => node.configs), ...dag.control.map((connection) => connection.condition)]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === 'string') addNames(value, names)
    else if (typeof value === 'object' && value !== null) open.push(...Object.values(value))
  }
  return names
}

function addNames(text: string, names: Set<string>): void {
  if (!hasTemplate(text)) return
  for (const part of parseTemplate(text)) if (part.kind === 'ref' && part.ref.scope === 'context') names.add(part.ref.name)
}
