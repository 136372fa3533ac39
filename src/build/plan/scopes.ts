import type { Findings } from '../findings.js'
import { AncestorTree } from './ancestor-tree.js'
import type { ControlEdge, ControlGraph } from './control-graph.js'
import type { PlanSubFlow } from './sub-flows.js'

/** The loops of a flow, and which sub flows are inside of which. */
export interface Scopes {
  /** The iterate connections in order of declaration, each with its sub flows in order of declaration. */
  readonly list: readonly { readonly edge: ControlEdge; readonly subFlows: readonly PlanSubFlow[] }[]
  /** The loops around a sub flow, from the inside out. */
  readonly around: (subFlow: PlanSubFlow) => readonly ControlEdge[]
  /** Whether the sub flow is walked once per item of the loop. */
  readonly isInside: (subFlow: PlanSubFlow, loop: ControlEdge) => boolean
  /** The outermost loop that a connection leaves. */
  readonly outermostLeft: (edge: ControlEdge) => ControlEdge | undefined
}

/*
 * A sub flow is in the scope of an iterate connection when every way to it goes through that connection, boundaries from
 * sub flows that every way to the list passes left out. So the scopes follow from the tree of dominators of the sub flows
 * and iterate connections: a thing stands below another when every way to it passes that other one.
 */
interface Ways {
  readonly tree: AncestorTree
  readonly ofSubFlow: readonly number[]
  readonly ofLoop: ReadonlyMap<ControlEdge, number>
  /** Boundaries that reach into a loop from outside; they count in every frame as they were settled once. */
  readonly lookups: readonly ControlEdge[]
}

/** Finds the scope of every iterate connection and checks what goes into and out of it. */
export function findScopes(graph: ControlGraph, findings: Findings): Scopes {
  const ways = findWays(graph)
  const loopAt = new Map([...ways.ofLoop].map(([edge, at]) => [at, edge]))
  const innermost = innermostLoops(graph, ways, loopAt)
  const around = (subFlow: PlanSubFlow): ControlEdge[] => {
    const loops: ControlEdge[] = []
    for (let loop = innermost[subFlow.index]; loop !== undefined; loop = innermost[loop.from.index]) loops.push(loop)
    return loops
  }
  const isInside = (subFlow: PlanSubFlow, loop: ControlEdge): boolean =>
    ways.tree.isAbove(ways.ofLoop.get(loop) ?? -1, ways.ofSubFlow[subFlow.index] ?? 0)
  const members = new Map([...ways.ofLoop.keys()].map((edge) => [edge, [] as PlanSubFlow[]]))
  for (const subFlow of graph.subFlows) for (const loop of around(subFlow)) members.get(loop)?.push(subFlow)
  const list = [...members].sort(([a], [b]) => a.control.index - b.control.index).map(([edge, subFlows]) => ({ edge, subFlows }))
  checkLoops(graph, ways, isInside, innermost, findings)
  const outermostLeft = (edge: ControlEdge) => around(edge.from).findLast((loop) => !isInside(edge.to, loop))
  return { list, around, isInside, outermostLeft }
}

function findWays(graph: ControlGraph): Ways {
  const tree = new AncestorTree()
  const ofSubFlow: number[] = []
  const ofLoop = new Map<ControlEdge, number>()
  const lookups: ControlEdge[] = []
  for (const subFlow of graph.topological) {
    const parent = parentOf(graph.entering[subFlow.index] ?? [], tree, ofSubFlow, ofLoop, lookups)
    const at = tree.add(parent)
    ofSubFlow[subFlow.index] = at
    for (const edge of graph.leaving[subFlow.index]?.flat() ?? []) {
      if (edge.control.type === 'iterate') ofLoop.set(edge, tree.add(at))
    }
  }
  return { tree, ofSubFlow, ofLoop, lookups }
}

/** The lowest thing that every way to a sub flow passes, lookups left out. */
function parentOf(
  entering: readonly ControlEdge[],
  tree: AncestorTree,
  ofSubFlow: readonly number[],
  ofLoop: ReadonlyMap<ControlEdge, number>,
  lookups: ControlEdge[],
): number {
  const isPlainBoundary = (edge: ControlEdge) => edge.control.boundary && edge.control.type !== 'iterate'
  const sourceOf = (edge: ControlEdge) => ofLoop.get(edge) ?? ofSubFlow[edge.from.index] ?? 0
  let meet: number | undefined
  for (const edge of entering) {
    if (!isPlainBoundary(edge)) meet = meet === undefined ? sourceOf(edge) : tree.meet(meet, sourceOf(edge))
  }
  const boundaries = entering.filter(isPlainBoundary)
  if (meet === undefined) {
    for (const edge of boundaries) {
      if (meet === undefined || tree.depth(sourceOf(edge)) > tree.depth(meet)) meet = sourceOf(edge)
    }
  }
  for (const edge of boundaries) {
    const from = sourceOf(edge)
    if (meet === undefined || from === meet) continue
    if (tree.isAbove(from, meet)) lookups.push(edge)
    else meet = tree.meet(meet, from)
  }
  return meet ?? 0
}

/** The innermost loop around each sub flow. */
function innermostLoops(graph: ControlGraph, ways: Ways, loopAt: ReadonlyMap<number, ControlEdge>): readonly (ControlEdge | undefined)[] {
  const bySubFlow: (ControlEdge | undefined)[] = []
  const loopOf = new Map<number, ControlEdge | undefined>()
  for (const subFlow of graph.topological) {
    const at = ways.ofSubFlow[subFlow.index] ?? 0
    const parent = ways.tree.parent(at)
    // What stands above was visited before; a loop is above only as such.
    const loop = loopAt.get(parent) ?? loopOf.get(parent)
    loopOf.set(at, loop)
    bySubFlow[subFlow.index] = loop
  }
  return bySubFlow
}

function checkLoops(
  graph: ControlGraph,
  ways: Ways,
  isInside: Scopes['isInside'],
  innermost: readonly (ControlEdge | undefined)[],
  findings: Findings,
): void {
  for (const [edge, at] of ways.ofLoop) {
    const target = ways.ofSubFlow[edge.to.index] ?? 0
    if (ways.tree.parent(target) === at) continue
    const others = (graph.entering[edge.to.index] ?? []).filter((other) => other !== edge).map((other) => `"${other.control.flow.from}"`)
    findings.error(
      'ITERATE_SHARED',
      edge.control.flow.at,
      `The target of an iterate connection is walked once per item, and "${edge.to.name}" can also be reached from ${others.join(', ')}.`,
      'let only the iterate connection lead to it',
    )
  }
  for (const edge of graph.edges) {
    const loop = innermost[edge.from.index]
    if (!edge.control.boundary || loop === undefined || isInside(edge.to, loop)) continue
    findings.error(
      'SCOPE_LEFT',
      edge.control.flow.at,
      `Rows go from "${edge.control.flow.from}", inside the loop of "${loop.control.flow.from}", to "${edge.control.flow.to}" outside of it.`,
      'write the rows with a sink inside the loop (mode: append) and read them after it',
    )
  }
  for (const edge of ways.lookups) checkLookupOrder(edge, graph, ways, innermost, findings)
}

/** A lookup has to be settled before its sub flow leads on to the list. */
function checkLookupOrder(
  lookup: ControlEdge,
  graph: ControlGraph,
  ways: Ways,
  innermost: readonly (ControlEdge | undefined)[],
  findings: Findings,
): void {
  const above = ways.ofSubFlow[lookup.from.index] ?? 0
  let outermost: ControlEdge | undefined
  for (
    let loop = innermost[lookup.to.index];
    loop !== undefined && ways.tree.isAbove(above, ways.ofLoop.get(loop) ?? 0);
    loop = innermost[loop.from.index]
  )
    outermost = loop
  if (outermost === undefined) return
  for (const rival of graph.leaving[lookup.from.index]?.flat() ?? []) {
    if (rival === lookup || rival.control.order > lookup.control.order) continue
    if (rival !== outermost && !leadsTo(rival.to, outermost.from, graph)) continue
    const { flow, order } = lookup.control
    findings.error(
      'LOOKUP_ORDER',
      flow.spans.order,
      `The loop of "${outermost.control.flow.from}" reads the rows of "${flow.from}", but this connection (order ${order}) does not come before the one to "${rival.control.flow.to}" (order ${rival.control.order}) that leads to the loop.`,
      'give this connection the lower order',
    )
    return
  }
}

function leadsTo(start: PlanSubFlow, goal: PlanSubFlow, graph: ControlGraph): boolean {
  const seen = new Set([start])
  for (const subFlow of seen) {
    if (subFlow === goal) return true
    for (const edge of graph.leaving[subFlow.index]?.flat() ?? []) seen.add(edge.to)
  }
  return false
}
