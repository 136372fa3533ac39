import { describeOverwrite } from '../../../core/cursor-faults.js'
import type { DagNode } from '../../../core/dag.js'
import { findNodesBefore } from '../../../core/nodes-before.js'
import { containsTemplate } from '../../../core/template.js'
import { cursorConfigOf } from '../../../registry/cursor-configs.js'
import { hasChangingTarget } from '../../../registry/sink-configs.js'
import type { ExecutorDeps } from '../executor-deps.js'

/** Warns of a sink whose mode it is given as the run has it; of each sink once. */
export type WarnOfOverwrite = (node: DagNode, mode: unknown) => void

/** Finds the sinks that overwrite what they have with what is new in an incremental source, and of which the build does not know it: their mode is a template. */
export function createOverwriteWarner({ dag, definitions, emit }: Pick<ExecutorDeps, 'dag' | 'definitions' | 'emit'>): WarnOfOverwrite {
  const nodesBefore = findNodesBefore(dag.data)
  const warned = new Set<string>()
  return (node, mode) => {
    if (node.type !== 'sink' || mode !== 'overwrite' || !containsTemplate(node.configs['mode'] ?? null) || warned.has(node.id)) return
    if (hasChangingTarget(definitions.get(node.id), node.configs)) return
    const before = nodesBefore(node.id)
    const source = dag.nodes.find(({ id, configs }) => before.has(id) && cursorConfigOf(definitions.get(id), configs) !== undefined)
    if (source === undefined) return
    warned.add(node.id)
    const { message, hint } = describeOverwrite(source.id, node.id)
    emit({ type: 'log', level: 'warn', node: node.id, message, fields: { code: 'CURSOR_OVERWRITES', hint } })
  }
}
