import { type Findings, suggestName } from '../../build/findings.js'
import type { DagNode } from '../../core/dag.js'
import { type FramePath, formatFrame, ROOT_FRAME } from '../../core/frame.js'
import { formatQuantity } from '../../core/quantity.js'
import type { TextSpan } from '../../core/source-text.js'
import type { Named } from '../load/test-file.js'
import type { TestedFlow } from './build-for-tests.js'

/** A node by its id; one that the flow does not have is reported. */
export function findNode(id: string, at: TextSpan, { nodes, file }: TestedFlow, findings: Findings): DagNode | undefined {
  const node = nodes.get(id)
  if (node === undefined)
    findings.error(
      'UNKNOWN_NODE',
      at,
      `${file} has no node "${id}".`,
      suggestName(id, [...nodes.keys()], `\`pype graph ${file}\` shows them`),
    )
  return node
}

/** Reports a pass of loops that a node is not in; `frame` is undefined where none is named, for all of them. */
export function checkFrame(
  { id, sub_flow: subFlow }: DagNode,
  frame: FramePath | undefined,
  at: TextSpan,
  { job }: TestedFlow,
  findings: Findings,
): void {
  const depth = job.metadata.scopes.filter(({ sub_flows: inside }) => inside.includes(subFlow)).length
  if (frame === undefined || frame.length === depth) return
  const pass = Array.from({ length: depth }, () => 0).join('.')
  if (depth === 0) findings.error('TEST_INVALID', at, `${id} is in no loop, and has no pass ${formatFrame(frame)}.`, `write \`${id}\``)
  else
    findings.error(
      'TEST_INVALID',
      at,
      frame.length === 0
        ? `${id} is in a loop: which pass is meant?`
        : `${id} is in ${formatQuantity(depth, 'loop')}: pass ${formatFrame(frame)} has not as many indexes.`,
      `write the index of a pass behind it, from 0 on: \`${id}#${pass}\``,
    )
}

/** `load#2.0`, taken apart. */
export function readNodeInFrame({ text, at }: Named, findings: Findings): { readonly name: string; readonly frame: FramePath } {
  const [, name = text, frame] = /^([^#]*)(?:#(.*))?$/.exec(text) ?? []
  if (frame === undefined) return { name, frame: ROOT_FRAME }
  if (/^\d+(\.\d+)*$/.test(frame)) return { name, frame: frame.split('.').map(Number) }
  findings.error(
    'TEST_INVALID',
    at,
    `"#${frame}" is no pass of a loop.`,
    `write its index, from 0 on: \`${name}#0\`; in nested loops \`${name}#2.0\``,
  )
  return { name, frame: ROOT_FRAME }
}
