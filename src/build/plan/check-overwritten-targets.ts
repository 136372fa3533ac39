import type { Findings } from '../findings.js'
import { containsTemplate } from './configs.js'
import { definitionOf, type PlanData, type PlanNode } from './graph.js'
import { readsOn } from './reads-on.js'

/** What an incremental source reads is new only: a target that it overwrites loses the rest, in a run without news all rows. */
export function checkOverwrittenTargets(nodes: readonly PlanNode[], data: readonly PlanData[], findings: Findings): void {
  for (const node of nodes) {
    if (!readsOn(node)) continue
    for (const sink of reachedFrom(node, data)) {
      if (modeOf(sink) !== 'overwrite' || hasChangingTarget(sink)) continue
      const written = sink.flow.configs.find(({ key }) => key === 'mode')
      findings.warn(
        'CURSOR_OVERWRITES',
        written?.value.at ?? sink.flow.idAt,
        `"${sink.flow.id}" overwrites its target with what is new in "${node.flow.id}" since the last run: the rows before go, and a run without news leaves none.`,
        'use a mode that keeps them (upsert, append), or leave the cursor out and read everything',
      )
    }
  }
}

function reachedFrom(node: PlanNode, data: readonly PlanData[]): readonly PlanNode[] {
  const reached = new Set([node])
  for (const one of reached) for (const { from, to } of data) if (from === one) reached.add(to)
  return [...reached]
}

/** What a sink does to a target that is there; what is not written counts as its default. */
function modeOf(node: PlanNode): unknown {
  const definition = definitionOf(node)
  if (definition?.type !== 'sink') return undefined
  return node.configs['mode'] ?? definition.config.optional['mode']?.default
}

/** Such as a file for each day: it is another one each time. */
function hasChangingTarget(node: PlanNode): boolean {
  return Object.entries(definitionOf(node)?.config.required ?? {}).some(
    ([name, spec]) => spec.type !== 'connection' && containsTemplate(node.configs[name] ?? null),
  )
}
