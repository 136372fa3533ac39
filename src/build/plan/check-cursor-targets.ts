import { describeOverwrite, describeReadAgain } from '../../core/cursor-faults.js'
import { findNodesBefore } from '../../core/nodes-before.js'
import { againConfigOf, cursorConfigOf } from '../../registry/cursor-configs.js'
import { hasChangingTarget, modeOf } from '../../registry/sink-configs.js'
import type { Findings } from '../findings.js'
import { definitionOf, type PlanData, type PlanNode } from './graph.js'

/**
 * What an incremental source reads is new only, and with a lag some of it is there already: a sink that it reaches, directly or over
 * boundaries, must neither replace all rows by it nor add it to them.
 */
export function checkCursorTargets(nodes: readonly PlanNode[], data: readonly PlanData[], findings: Findings): void {
  const nodesBefore = findNodesBefore(data.map(({ from, to }) => ({ from: from.flow.id, to: to.flow.id })))
  const sources = nodes.filter((node) => cursorConfigOf(definitionOf(node), node.configs) !== undefined)
  for (const sink of nodes) {
    const definition = definitionOf(sink)
    if (definition?.type !== 'sink') continue
    const mode = modeOf(definition, sink.configs)
    const before = nodesBefore(sink.flow.id)
    for (const source of sources) if (before.has(source.flow.id)) checkMode(mode, source, sink, findings)
  }
}

function checkMode(mode: unknown, source: PlanNode, sink: PlanNode, findings: Findings): void {
  const names = [`"${source.flow.id}"`, `"${sink.flow.id}"`] as const
  const at = sink.flow.configs.find(({ key }) => key === 'mode')?.value.at ?? sink.flow.idAt
  if (mode === 'overwrite' && !hasChangingTarget(definitionOf(sink), sink.configs)) {
    const { message, hint } = describeOverwrite(...names)
    findings.warn('CURSOR_OVERWRITES', at, message, hint)
  }
  if (mode === 'append' && againConfigOf(definitionOf(source), source.configs) !== undefined) {
    const { message, hint } = describeReadAgain(...names, 'its target')
    findings.error('CONFIG_INVALID', at, message, hint)
  }
}
