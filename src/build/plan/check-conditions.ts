import { findSqlFault } from '../../core/sql-fault.js'
import type { Findings } from '../findings.js'
import type { PlanGraph } from './graph.js'

/** Checks that each condition on a connection is one expression. What it means is left to the engine. */
export function checkConditions(graph: PlanGraph, findings: Findings): void {
  for (const { flow } of graph.control) {
    const fault = flow.condition === null ? undefined : findSqlFault(flow.condition, true)
    if (fault !== undefined)
      findings.error(
        'CONNECTION_SYNTAX',
        flow.spans.body,
        `The condition ${flow.condition} is not one SQL expression: ${fault}.`,
        'for example `{{load__row_count}} > 0`',
      )
  }
}
