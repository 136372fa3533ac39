import { groupBy } from '../../core/group-by.js'
import type { Findings } from '../findings.js'
import { findCircles, sortTopologically } from './circles.js'
import { type PlanControl, type PlanData, type PlanGraph, type PlanNode } from './graph.js'

/** The nodes that data connections hold together. `index` is its place in the order of declaration, which is that of its first node. */
export interface PlanSubFlow {
  readonly index: number
  readonly name: string
  /** In order of declaration. */
  readonly nodes: readonly PlanNode[]
  readonly waves: readonly (readonly PlanNode[])[]
}

/** The sub flows of a flow, and which one a node is in. */
export interface SubFlows {
  /** In order of declaration. */
  readonly list: readonly PlanSubFlow[]
  readonly of: (node: PlanNode) => PlanSubFlow
}

/** Splits a flow into sub flows; undefined when data connections form a circle. */
export function splitIntoSubFlows(graph: PlanGraph, findings: Findings): SubFlows | undefined {
  const edges = graph.data.map(({ from, to }) => ({ from: from.index, to: to.index }))
  const circles = findCircles(graph.nodes.length, edges)
  for (const circle of circles) reportDataCircle(circle, graph, findings)
  if (circles.length > 0) return undefined
  const inner = graph.data.filter((connection) => !connection.boundary)
  const { level } = sortTopologically(
    graph.nodes.length,
    inner.map(({ from, to }) => ({ from: from.index, to: to.index })),
  )
  const components = [...groupBy(graph.nodes, componentsOf(graph.nodes.length, inner)).values()]
  const firsts = new Map(components.map((nodes) => [nodes.find((node) => level[node.index] === 0) ?? nodes[0], nodes]))
  const list = [...firsts]
    .sort(([a], [b]) => (a?.index ?? 0) - (b?.index ?? 0))
    .map(([first, nodes], index) => ({ index, name: first?.flow.id ?? '', nodes, waves: wavesOf(nodes, level) }))
  const byNode = new Map(list.flatMap((subFlow) => subFlow.nodes.map((node) => [node, subFlow] as const)))
  return {
    list,
    of: (node) => {
      const found = byNode.get(node)
      if (found === undefined) throw new RangeError(`${node.flow.id} is in no sub flow`)
      return found
    },
  }
}

/** Checks the control connections against the sub flows that they join. Those within one sub flow are left out of the result. */
export function joinSubFlows(graph: PlanGraph, subFlows: SubFlows, isSure: boolean, findings: Findings): readonly PlanControl[] {
  const joining: PlanControl[] = []
  const touched = new Set<PlanSubFlow>()
  for (const connection of graph.control) {
    const from = subFlows.of(connection.from)
    const to = subFlows.of(connection.to)
    touched.add(from).add(to)
    if (from === to) reportInside(connection, from, findings)
    else joining.push(connection)
  }
  // A connection that is left out may be the one that seems to be missing.
  const isolated = isSure && subFlows.list.length > 1 ? subFlows.list.filter((subFlow) => !touched.has(subFlow)) : []
  for (const { name, nodes } of isolated) {
    const hint = `connect it: "other (1|) ${name}", or join it to another sub flow by a data connection`
    const at = nodes.find((node) => node.flow.id === name)?.flow.idAt
    if (at !== undefined)
      findings.error(
        'ISOLATED_SUB_FLOW',
        at,
        `The sub flow "${name}" has no control connection, and there are ${subFlows.list.length} sub flows: nothing says when it runs.`,
        hint,
      )
  }
  return joining
}

/** Reports circles of control connections between sub flows; true when there are some. */
export function reportControlCircles(control: readonly PlanControl[], subFlows: SubFlows, findings: Findings): boolean {
  const edges = control.map((connection) => ({
    from: subFlows.of(connection.from).index,
    to: subFlows.of(connection.to).index,
    connection,
  }))
  const circles = findCircles(subFlows.list.length, edges)
  for (const circle of circles) {
    const names = [...circle, circle[0] ?? 0].map((index) => subFlows.list[index]?.name ?? '')
    const next = new Map(circle.map((at, i) => [at, circle[(i + 1) % circle.length]]))
    const last = edges.findLast(({ from, to }) => next.get(from) === to)?.connection
    if (last !== undefined)
      findings.error(
        'CONTROL_CIRCLE',
        last.flow.at,
        `Control connections form a circle between sub flows: ${names.join(' → ')}.`,
        'remove one of the connections; to repeat something use iterate',
      )
  }
  return circles.length > 0
}

function reportInside(connection: PlanControl, subFlow: PlanSubFlow, findings: Findings): void {
  const { from, to } = connection.flow
  if (connection.boundary) {
    findings.error(
      'SAME_SUB_FLOW',
      connection.flow.at,
      `The boundary from "${from}" to "${to}" separates nothing: other data connections hold both in the sub flow "${subFlow.name}".`,
      'remove the control connection, or put one beside each data connection between the two parts',
    )
    return
  }
  if (from === to) {
    findings.error(
      'SAME_SUB_FLOW',
      connection.flow.at,
      `"${from}" leads to itself.`,
      'remove the connection; to repeat something use iterate',
    )
    return
  }
  findings.error(
    'SAME_SUB_FLOW',
    connection.flow.at,
    `"${from}" and "${to}" are in one sub flow ("${subFlow.name}"), whose nodes run as their rows come.`,
    'remove the control connection; control goes from one sub flow to another',
  )
}

function reportDataCircle(circle: readonly number[], graph: PlanGraph, findings: Findings): void {
  const ids = circle.map((index) => graph.nodes[index]?.flow.id ?? '')
  const closing = graph.data.find(({ from, to }) => from.index === circle.at(-1) && to.index === circle[0])
  if (closing !== undefined)
    findings.error(
      'DATA_CIRCLE',
      closing.flow.at,
      `Data connections form a circle: ${[...ids, ids[0]].join(' → ')}.`,
      'remove one of the connections',
    )
}

function wavesOf(nodes: readonly PlanNode[], level: readonly number[]): readonly (readonly PlanNode[])[] {
  const waves: PlanNode[][] = []
  for (const node of nodes) {
    const wave = level[node.index] ?? 0
    while (waves.length <= wave) waves.push([])
    waves[wave]?.push(node)
  }
  return waves
}

/** Union-find over the data connections; returns the representative of a node. */
function componentsOf(count: number, connections: readonly PlanData[]): (node: PlanNode) => number {
  const parent = Array.from({ length: count }, (_, i) => i)
  const find = (at: number): number => {
    let root = at
    while (parent[root] !== root) {
      const above = parent[root] ?? root
      parent[root] = parent[above] ?? above
      root = parent[root] ?? root
    }
    return root
  }
  for (const { from, to } of connections) parent[find(from.index)] = find(to.index)
  return (node) => find(node.index)
}
