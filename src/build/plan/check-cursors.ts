import { cursorConfigOf } from '../../registry/cursor-configs.js'
import type { Findings } from '../findings.js'
import { definitionOf, type PlanNode } from './graph.js'
import type { Scopes } from './scopes.js'
import type { SubFlows } from './sub-flows.js'

/** An incremental source has one cursor: inside a loop each pass would move it. */
export function checkCursors(nodes: readonly PlanNode[], subFlows: SubFlows, scopes: Scopes, findings: Findings): void {
  for (const node of nodes) {
    const [loop] = scopes.around(subFlows.of(node))
    if (loop === undefined) continue
    const name = cursorConfigOf(definitionOf(node), node.configs)
    const at = node.flow.configs.find(({ key }) => key === name)?.value.at
    if (name === undefined || at === undefined) continue
    findings.error(
      'CURSOR_IN_LOOP',
      at,
      `"${node.flow.id}" is inside the loop of "${loop.control.flow.from}" and reads on from a cursor: each pass would move it.`,
      `read before the loop, or leave ${name} out and choose the rows with a template such as {{iter.item}}`,
    )
  }
}
