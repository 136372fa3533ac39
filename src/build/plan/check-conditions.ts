import { findSqlFault } from '../../core/sql-fault.js'
import { suggestNearest } from '../../core/suggest.js'
import type { Findings } from '../findings.js'
import type { PlanGraph } from './graph.js'

const TYPES = ['iterate', 'start', 'error', 'done']

/** Checks that each condition on a connection is one expression. What it means is left to the engine. */
export function checkConditions(graph: PlanGraph, findings: Findings): void {
  for (const { flow } of graph.control) {
    const fault = flow.condition === null ? undefined : findSqlFault(flow.condition, true)
    const name = /^\s*([a-z_]\w*)\s*$/i.exec(flow.condition ?? '')?.[1]
    if (name !== undefined && !/^(true|false|null)$/i.test(name))
      findings.error(
        'CONNECTION_SYNTAX',
        flow.spans.body,
        `${name} is neither a type of connection nor a condition: a condition has no columns that a name could mean.`,
        suggestNearest(name, TYPES, 'types are iterate, start, error and done; a condition is one such as `{{load__row_count}} > 0`'),
      )
    if (fault !== undefined)
      findings.error(
        'CONNECTION_SYNTAX',
        flow.spans.body,
        `The condition ${flow.condition} is not one SQL expression: ${fault}.`,
        'for example `{{load__row_count}} > 0`',
      )
  }
}
