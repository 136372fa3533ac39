import type { Dag, DagNode } from '../../../core/dag.js'
import { type PypeError } from '../../../core/errors.js'
import { type FramePath } from '../../../core/frame.js'
import { quoteWord } from '../../../core/quote-word.js'
import { CONNECT_REJECT } from '../../../core/reject-hint.js'
import { listRefs } from '../../../core/template.js'

/**
 * The hint of an error, for a row that the reject port of its node would have taken with the command that shows all such rows. Only where
 * a preview needs nothing for that which a run alone comes to: a value that a node publishes, or the item of a loop.
 */
export function hintAtRows({ code, hint }: PypeError, node: DagNode, dag: Dag, flowFile: string, frame: FramePath): string | undefined {
  const isOfReject = code === 'BAD_ROW' && hint?.endsWith(CONNECT_REJECT) === true && node.output_ports.includes('reject')
  if (!isOfReject || frame.length > 0 || !listSenders(node, dag).every(isIndependent)) return hint
  return `${hint}; \`pype preview ${quoteWord(flowFile)} ${node.id}.reject\` shows them`
}

/** The node and all that its rows come from. */
function listSenders(node: DagNode, { nodes, data }: Dag): readonly DagNode[] {
  const senders = new Set([node.id])
  for (const id of senders) for (const { from } of data.filter(({ to }) => to === id)) senders.add(from)
  return nodes.filter(({ id }) => senders.has(id))
}

function isIndependent({ configs }: DagNode): boolean {
  return listRefs(configs).every(({ scope }) => scope !== 'global' && scope !== 'iter')
}
