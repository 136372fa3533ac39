import { type ControlConnection, type Dag, type ExecutionMetadata, nameConnection } from '../../core/dag.js'
import { groupBy } from '../../core/group-by.js'

/**
 * What a control connection does to the loops of a flow: `loop` begins one, `exit` leaves one, `lookup` brings rows from
 * outside into one, `plain` stays where it is.
 */
export type Crossing = 'plain' | 'loop' | 'exit' | 'lookup'

/** A control connection with the sub flows at its ends. */
export interface PlannedConnection {
  readonly connection: ControlConnection
  readonly from: string
  readonly to: string
  readonly crossing: Crossing
}

/** A sub flow as the walk sees it. */
export interface PlannedSubFlow {
  readonly name: string
  /** What leaves it, in the order of the walk; the connections of one group are walked in parallel. */
  readonly groups: readonly (readonly PlannedConnection[])[]
  /** Number of control connections into it. */
  readonly incoming: number
  /** Those of them that come from outside of its loop. */
  readonly lookups: readonly PlannedConnection[]
  /** It starts at the first connection that is taken, and does not wait for the others. */
  readonly isGate: boolean
  /** The innermost loop around it. */
  readonly loop: PlannedLoop | undefined
}

/** Where a loop stands among the others. */
export interface LoopPlace {
  readonly connection: ControlConnection
  /** The loop around it. */
  readonly outer: LoopPlace | undefined
  /** Loops around its frames, itself included. */
  readonly depth: number
}

/** A loop: the scope of an iterate connection. */
export interface PlannedLoop extends LoopPlace {
  /** The sub flows inside, those of inner loops too. */
  readonly subFlows: ReadonlySet<string>
  /** The connections that leave it, in order of declaration. */
  readonly exits: readonly PlannedConnection[]
  readonly outer: PlannedLoop | undefined
}

/** A flow as the walk sees it. */
export interface WalkPlan {
  readonly roots: readonly string[]
  readonly subFlows: ReadonlyMap<string, PlannedSubFlow>
  /** By their iterate connections. */
  readonly loops: ReadonlyMap<ControlConnection, PlannedLoop>
}

/** Sorts once what the walk looks at many times: ascending order, then the nodes' order of declaration. */
export function planWalk(dag: Dag, metadata: ExecutionMetadata): WalkPlan {
  const position = new Map(dag.nodes.map((node, index) => [node.id, index]))
  const subFlowOf = new Map(dag.nodes.map((node) => [node.id, node.sub_flow]))
  const { loops, innermost } = draftLoops(dag, metadata)
  const connections = dag.control.map((connection): PlannedConnection => {
    const from = known(subFlowOf, connection.from)
    const to = known(subFlowOf, connection.to)
    return { connection, from, to, crossing: crossingOf(connection, innermost.get(from), innermost.get(to)) }
  })
  for (const exit of connections.filter(({ crossing }) => crossing === 'exit')) {
    for (let loop = innermost.get(exit.from); loop !== undefined && !loop.subFlows.has(exit.to); loop = loop.outer) loop.exits.push(exit)
  }
  const leaving = groupBy(connections, ({ from }) => from)
  const entering = groupBy(connections, ({ to }) => to)
  const gates = new Set(metadata.gates)
  const subFlows = new Map<string, PlannedSubFlow>()
  for (const name of Object.keys(metadata.sub_flows)) {
    const into = entering.get(name) ?? []
    subFlows.set(name, {
      name,
      groups: groupByOrder(leaving.get(name) ?? [], position),
      incoming: into.length,
      lookups: into.filter(({ crossing }) => crossing === 'lookup'),
      isGate: gates.has(name),
      loop: innermost.get(name),
    })
  }
  return { roots: metadata.roots, subFlows, loops }
}

type Draft = Omit<PlannedLoop, 'outer' | 'depth' | 'exits'> & {
  outer: Draft | undefined
  depth: number
  readonly exits: PlannedConnection[]
}

/** The innermost loop around each sub flow that is in one. */
export function findLoops(dag: Dag, metadata: ExecutionMetadata): ReadonlyMap<string, LoopPlace> {
  return draftLoops(dag, metadata).innermost
}

function draftLoops(dag: Dag, metadata: ExecutionMetadata) {
  const subFlowOf = new Map(dag.nodes.map((node) => [node.id, node.sub_flow]))
  const connections = new Map(dag.control.map((connection) => [nameConnection(connection), connection]))
  const loops = new Map<ControlConnection, Draft>()
  const innermost = new Map<string, Draft>()
  // The larger scope is the outer one, so that the last that claims a sub flow is the innermost.
  for (const { connection: ends, sub_flows: names } of [...metadata.scopes].sort((a, b) => b.sub_flows.length - a.sub_flows.length)) {
    const connection = known(connections, nameConnection(ends))
    const target = known(subFlowOf, connection.to)
    const outer = innermost.get(target)
    const loop: Draft = { connection, subFlows: new Set(names), exits: [], outer, depth: (outer?.depth ?? 0) + 1 }
    loops.set(connection, loop)
    for (const name of names) innermost.set(name, loop)
  }
  return { loops, innermost }
}

function crossingOf({ type }: ControlConnection, from: PlannedLoop | undefined, to: PlannedLoop | undefined): Crossing {
  if (type === 'iterate') return 'loop'
  if (from === to) return 'plain'
  return (from?.depth ?? 0) < (to?.depth ?? 0) ? 'lookup' : 'exit'
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

function known<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key)
  if (value === undefined) throw new Error(`the dag names "${String(key)}" and does not have it`)
  return value
}
