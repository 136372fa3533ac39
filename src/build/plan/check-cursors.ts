import type { Findings } from '../findings.js'
import { definitionOf, type PlanNode } from './graph.js'
import type { Scopes } from './scopes.js'
import type { SubFlows } from './sub-flows.js'

/** An incremental source has one cursor: inside a loop each pass would move it. */
export function checkCursors(nodes: readonly PlanNode[], subFlows: SubFlows, scopes: Scopes, findings: Findings): void {
  for (const node of nodes) {
    const [loop] = scopes.around(subFlows.of(node))
    if (loop === undefined) continue
    const { required = {}, optional = {} } = definitionOf(node)?.config ?? {}
    for (const [name, spec] of Object.entries({ ...required, ...optional })) {
      const at = node.flow.configs.find(({ key }) => key === name)?.value.at
      if (spec.cursor !== true || at === undefined || node.configs[name] === null) continue
      findings.error(
        'CURSOR_IN_LOOP',
        at,
        `"${node.flow.id}" is inside the loop of "${loop.control.flow.from}" and reads on from a cursor: each pass would move it.`,
        `read before the loop, or leave ${name} out and choose the rows with a template such as {{iter.item}}`,
      )
    }
  }
}
