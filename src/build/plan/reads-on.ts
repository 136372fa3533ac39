import { definitionOf, type PlanNode } from './graph.js'

/** The config by which a node reads on from a cursor; undefined when it reads everything. */
export function readsOn(node: PlanNode): string | undefined {
  const { required = {}, optional = {} } = definitionOf(node)?.config ?? {}
  const given = Object.entries({ ...required, ...optional }).find(
    ([name, spec]) => spec.cursor === true && node.configs[name] !== undefined && node.configs[name] !== null,
  )
  return given?.[0]
}
