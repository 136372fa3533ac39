import type { Findings } from '../findings.js'
import { definitionOf, type PlanControl, type PlanGraph, type PlanNode } from './graph.js'
import type { SubFlows } from './sub-flows.js'

/** Checks which nodes may give and take control. `subFlows` is undefined while errors keep them from being known. */
export function checkTypeRules(graph: PlanGraph, subFlows: SubFlows | undefined, findings: Findings): void {
  // Where a data connection is broken, the one beside it has nothing to stand beside.
  const isSure = (id: string) => graph.flow.dataIsWhole && !graph.gaps.has(id)
  for (const connection of graph.control) {
    // Control inside of a sub flow is refused as such.
    const isInside = subFlows?.of(connection.from) === subFlows?.of(connection.to)
    if (subFlows === undefined || !isInside) checkControl(connection, isSure, findings)
  }
}

function checkControl(connection: PlanControl, isSure: (id: string) => boolean, findings: Findings): void {
  const { from, to, type, boundary, flow } = connection
  if (boundary && (type === 'error' || type === 'done')) {
    findings.error(
      'TYPE_RULE',
      flow.at,
      `Rows go from "${flow.from}" to "${flow.to}", so the control connection beside them cannot be taken after a failure ("${type}").`,
      'beside a data connection a valve is empty, a condition, iterate or start',
    )
    return
  }
  if (type === 'iterate' && !givesList(from)) {
    findings.error(
      'TYPE_RULE',
      flow.spans.from,
      `"${flow.from}" has neither an output port nor items, so there is nothing to iterate over.`,
      'iterate over the rows of a source or a mod, or over the items of a node such as list_files',
    )
  }
  if (!boundary && typeOf(from) === 'mod' && type !== 'iterate' && isSure(flow.from) && isSure(flow.to)) {
    findings.error(
      'TYPE_RULE',
      flow.spans.from,
      `"${flow.from}" is a mod and gives control only along its data connections.`,
      'let the sink, the source or the solo of its sub flow give it',
    )
  }
  const target = typeOf(to)
  if (!boundary && (target === 'mod' || target === 'sink') && isSure(flow.to)) {
    findings.error(
      'TYPE_RULE',
      flow.spans.to,
      `"${flow.to}" is a ${target} and takes control only along its data connections.`,
      `let the control connection end at the source of its sub flow, or add a data connection from "${flow.from}" to "${flow.to}"`,
    )
  }
}

function givesList(node: PlanNode): boolean {
  const definition = definitionOf(node)
  return definition === undefined || definition.items === true || definition.outputPorts.length > 0
}

function typeOf(node: PlanNode): string | undefined {
  return definitionOf(node)?.type
}
