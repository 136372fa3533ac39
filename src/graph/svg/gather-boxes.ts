import { groupBy } from '../../core/group-by.js'
import { describeValve } from '../describe.js'
import type { Drawing } from '../drawing.js'
import { type Box, bundleBoxes } from './arrange-box.js'
import { clusterOf, listLoops } from './loops.js'

/** So many boxes that are alike become one. */
const MANY = 8

/** Sub flows of one node that are alike - one valve of one node leads to them, and nothing leads on - are one box, when they are many. */
export function gatherBoxes(drawing: Drawing, boxes: readonly Box[]): readonly Box[] {
  const loopOf = new Map(listLoops(drawing.parts).flatMap((loop) => loop.parts.map((part) => [part, loop] as const)))
  const between = drawing.connections.filter(({ isInner }) => !isInner)
  const leaving = new Set(between.map(({ from }) => from))
  const entering = groupBy(between, ({ to }) => to)
  const likeness = groupBy(boxes, (box) => {
    const [subFlow] = box.subFlows
    const [node, another] = subFlow?.nodes ?? []
    const [connection, more] = entering.get(node?.node.id ?? '') ?? []
    if (subFlow === undefined || node === undefined || another !== undefined || leaving.has(node.node.id)) return box
    if (connection?.control === undefined || connection.data !== undefined || more !== undefined) return box
    const loop = loopOf.get(subFlow)
    return [connection.from, describeValve(connection.control), connection.verdict, loop === undefined ? '' : clusterOf(loop)].join('\n')
  })
  return [...likeness.values()].flatMap((alike) => (alike.length > MANY ? [bundleBoxes(alike)] : alike))
}
