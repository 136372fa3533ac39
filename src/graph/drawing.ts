import type { ControlConnection, Dag, DagNode, DataConnection, ExecutionMetadata } from '../core/dag.js'
import { groupBy } from '../core/group-by.js'
import type { NodeProgress, RunProgress, SubFlowProgress } from '../core/run-progress.js'

/** A node with what it did in the run that is drawn. */
export interface DrawnNode {
  readonly node: DagNode
  readonly progress: NodeProgress | undefined
}

/** What goes from one node to another: a data connection, a control connection, or both where they are a boundary. */
export interface DrawnConnection {
  readonly from: string
  readonly to: string
  readonly data: DataConnection | undefined
  readonly control: ControlConnection | undefined
  /** That went over the data connection in the run that is drawn; undefined: nothing counted them. */
  readonly rows: number | undefined
  /** The sub flows at the two ends are one. */
  readonly isInner: boolean
  readonly verdict: 'taken' | 'not taken' | 'blocking' | undefined
}

/** A sub flow, in the order in which it is drawn. */
export interface DrawnSubFlow {
  readonly kind: 'sub flow'
  readonly name: string
  /** In order of declaration. */
  readonly nodes: readonly DrawnNode[]
  readonly progress: SubFlowProgress | undefined
}

/** A loop with all that is walked once per item. */
export interface DrawnLoop {
  readonly kind: 'loop'
  readonly connection: ControlConnection
  readonly parts: readonly DrawnPart[]
  /** Items of its list in the run that is drawn. */
  readonly items: number | undefined
}

export type DrawnPart = DrawnSubFlow | DrawnLoop

/** A flow as every format draws it. */
export interface Drawing {
  readonly flow: Dag['flow']
  readonly parts: readonly DrawnPart[]
  readonly subFlows: readonly DrawnSubFlow[]
  readonly nodes: readonly DrawnNode[]
  readonly connections: readonly DrawnConnection[]
  readonly run: RunProgress | undefined
}

/** Sorts what a flow consists of into boxes, in the static order of its sub flows. */
export function drawFlow(dag: Dag, metadata: ExecutionMetadata, run?: RunProgress): Drawing {
  const nodes = dag.nodes.map((node): DrawnNode => ({ node, progress: run?.nodes.get(node.id) }))
  const bySubFlow = groupBy(nodes, ({ node }) => node.sub_flow)
  const subFlows = metadata.order.map(
    (name): DrawnSubFlow => ({ kind: 'sub flow', name, nodes: bySubFlow.get(name) ?? [], progress: run?.subFlows.get(name) }),
  )
  return {
    flow: dag.flow,
    parts: gatherParts(subFlows, findLoops(dag, metadata, run), undefined),
    subFlows,
    nodes,
    connections: pairConnections(dag, run),
    run,
  }
}

interface Loop {
  readonly connection: ControlConnection
  readonly subFlows: ReadonlySet<string>
  readonly items: number | undefined
}

/** The loops, the larger ones first: an inner loop comes behind those around it. */
function findLoops(dag: Dag, metadata: ExecutionMetadata, run: RunProgress | undefined): readonly Loop[] {
  return metadata.scopes
    .flatMap(({ connection: { from, to }, sub_flows }) => {
      const connection = dag.control.find((each) => each.from === from && each.to === to)
      return connection === undefined ? [] : [{ connection, subFlows: new Set(sub_flows), items: run?.items.get(`${from}>${to}`) }]
    })
    .sort((a, b) => b.subFlows.size - a.subFlows.size)
}

function gatherParts(subFlows: readonly DrawnSubFlow[], loops: readonly Loop[], around: Loop | undefined): DrawnPart[] {
  const parts: DrawnPart[] = []
  const done = new Set<Loop>()
  for (const subFlow of subFlows) {
    const loop = loops.find((each) => each !== around && each.subFlows.has(subFlow.name))
    if (loop === undefined) {
      parts.push(subFlow)
    } else if (!done.has(loop)) {
      done.add(loop)
      const inside = subFlows.filter(({ name }) => loop.subFlows.has(name))
      const inner = loops.slice(loops.indexOf(loop) + 1)
      parts.push({ kind: 'loop', connection: loop.connection, items: loop.items, parts: gatherParts(inside, inner, loop) })
    }
  }
  return parts
}

/** A boundary is drawn as one: its rows and its valve go the same way. */
function pairConnections(dag: Dag, run: RunProgress | undefined): readonly DrawnConnection[] {
  const subFlowOf = new Map(dag.nodes.map(({ id, sub_flow }) => [id, sub_flow]))
  const controls = new Map(dag.control.map((control) => [`${control.from}>${control.to}`, control]))
  const paired = new Set<string>()
  const draw = (data: DataConnection | undefined, control: ControlConnection | undefined, from: string, to: string): DrawnConnection => ({
    from,
    to,
    data,
    control,
    rows: data === undefined ? undefined : run?.nodes.get(from)?.outputs?.[data.from_port],
    isInner: subFlowOf.get(from) === subFlowOf.get(to),
    verdict: run?.connections.get(`${from}>${to}`),
  })
  const data = dag.data.map((connection) => {
    const key = `${connection.from}>${connection.to}`
    // Several ports may cross one boundary; its valve is written once.
    const control = paired.has(key) ? undefined : controls.get(key)
    if (control !== undefined) paired.add(key)
    return draw(connection, control, connection.from, connection.to)
  })
  const control = dag.control
    .filter(({ from, to }) => !paired.has(`${from}>${to}`))
    .map((each) => draw(undefined, each, each.from, each.to))
  return [...data, ...control]
}
