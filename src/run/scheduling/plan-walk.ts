import type { ControlConnection, Dag, ExecutionMetadata } from '../../core/dag.js'

/** A control connection with the sub flows at its ends. */
export interface PlannedConnection {
  readonly connection: ControlConnection
  readonly from: string
  readonly to: string
}

/** A sub flow as the walk sees it. */
export interface PlannedSubFlow {
  readonly name: string
  /** What leaves it, in the order of the walk; the connections of one group are walked in parallel. */
  readonly groups: readonly (readonly PlannedConnection[])[]
  /** Number of control connections into it. */
  readonly incoming: number
}

export interface WalkPlan {
  readonly roots: readonly string[]
  readonly subFlows: ReadonlyMap<string, PlannedSubFlow>
}

/** Sorts once what the walk looks at many times: ascending order, then the nodes' order of declaration. */
export function planWalk(dag: Dag, metadata: ExecutionMetadata): WalkPlan {
  const position = new Map(dag.nodes.map((node, index) => [node.id, index]))
  const subFlowOf = new Map(dag.nodes.map((node) => [node.id, node.sub_flow]))
  const leaving = new Map<string, PlannedConnection[]>()
  const incoming = new Map<string, number>()
  for (const connection of dag.control) {
    const from = known(subFlowOf, connection.from)
    const to = known(subFlowOf, connection.to)
    const list = leaving.get(from)
    if (list === undefined) leaving.set(from, [{ connection, from, to }])
    else list.push({ connection, from, to })
    incoming.set(to, (incoming.get(to) ?? 0) + 1)
  }
  const subFlows = new Map<string, PlannedSubFlow>()
  for (const name of Object.keys(metadata.sub_flows)) {
    const groups = groupByOrder(leaving.get(name) ?? [], position)
    subFlows.set(name, { name, groups, incoming: incoming.get(name) ?? 0 })
  }
  return { roots: metadata.roots, subFlows }
}

function groupByOrder(connections: PlannedConnection[], position: ReadonlyMap<string, number>): PlannedConnection[][] {
  const at = (planned: PlannedConnection) => known(position, planned.connection.from)
  // The sort is stable, so that equal orders of one node stay in order of declaration.
  connections.sort((a, b) => a.connection.order - b.connection.order || at(a) - at(b))
  const groups: PlannedConnection[][] = []
  for (const planned of connections) {
    const group = groups.at(-1)
    const first = group?.[0]?.connection
    if (group !== undefined && first?.from === planned.connection.from && first.order === planned.connection.order) group.push(planned)
    else groups.push([planned])
  }
  return groups
}

function known<T>(map: ReadonlyMap<string, T>, key: string): T {
  const value = map.get(key)
  if (value === undefined) throw new Error(`the dag names "${key}" and does not have it`)
  return value
}
