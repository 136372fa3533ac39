import type { Dag, DagNode, ExecutionMetadata } from '../../core/dag.js'
import { listRefs } from '../../core/template.js'
import type { PortName } from '../execution/sub-flow/sub-flow-graph.js'
import { findLoops, type LoopPlace } from '../scheduling/plan-walk.js'
import type { GivenValues } from './given-values.js'

/** A node that publishes what others need. */
export interface Provider {
  readonly node: DagNode
  /** In lower case, each with the nodes whose templates name it. */
  readonly globals: Map<string, Set<DagNode>>
  /** The loops whose list it gives, each with the nodes that need an item of it. */
  readonly lists: Map<LoopPlace, Set<DagNode>>
}

/** The part of a flow that the rows of one port come from. */
export interface NeededNodes {
  /** The flow with the nodes that are needed and the data connections between them, without control connections. */
  readonly dag: Dag
  /** The nodes whose globals or lists are needed and not given, by id. */
  readonly providers: ReadonlyMap<string, Provider>
  /** The innermost loop around each sub flow that is in one. */
  readonly loopOf: ReadonlyMap<string, LoopPlace>
}

/** The globals that tell of a failure: nothing has failed. */
const ERROR_GLOBAL = /^error_(code|message|node)$/i

/**
 * Finds the nodes that the rows of `target` come from: along data connections, over boundaries too, and where a config names a
 * global or the item of a loop, the nodes that give it. What is given needs no node.
 */
export function findNeededNodes(dag: Dag, metadata: ExecutionMetadata, target: PortName, given: GivenValues): NeededNodes {
  const byId = new Map(dag.nodes.map((node) => [node.id.toLowerCase(), node]))
  const loopOf = findLoops(dag, metadata)
  const providers = new Map<string, Provider>()
  const needed = new Set<DagNode>()
  const open: DagNode[] = []
  const need = (id: string): DagNode | undefined => {
    const node = byId.get(id.toLowerCase())
    if (node === undefined || needed.has(node)) return node
    needed.add(node)
    open.push(node)
    return node
  }
  const needFrom = (id: string): Provider | undefined => {
    const node = need(id)
    if (node === undefined) return undefined
    const provider = providers.get(node.id) ?? { node, globals: new Map(), lists: new Map() }
    providers.set(node.id, provider)
    return provider
  }
  need(target.node)
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const { from } of dag.data.filter(({ to }) => to === node.id)) need(from)
    for (const { node: id, name } of globalsOf(node)) {
      if (!given.globals.has(`${id}__${name}`)) note(needFrom(id)?.globals, name, node)
    }
    for (const loop of loopsAround(node, loopOf).slice(0, levelsOf(node))) {
      if (loop.depth > given.items.length) note(needFrom(loop.connection.from)?.lists, loop, node)
    }
  }
  return { dag: cut(dag, needed), providers, loopOf }
}

/** The loops around a node, the innermost first. */
export function loopsAround({ sub_flow }: DagNode, loopOf: NeededNodes['loopOf']): readonly LoopPlace[] {
  const loops: LoopPlace[] = []
  for (let loop = loopOf.get(sub_flow); loop !== undefined; loop = loop.outer) loops.push(loop)
  return loops
}

function globalsOf(node: DagNode): readonly { readonly node: string; readonly name: string }[] {
  return listRefs(node.configs).flatMap((ref) =>
    ref.scope === 'global' && !ERROR_GLOBAL.test(ref.name) ? [{ node: ref.node.toLowerCase(), name: ref.name.toLowerCase() }] : [],
  )
}

/** How many loops around a node it needs items of. The code of a user's module may ask for the innermost one without a template. */
function levelsOf(node: DagNode): number {
  const levels = listRefs(node.configs).map((ref) => (ref.scope === 'iter' ? ref.level + 1 : 0))
  return Math.max(node.source_hash === null ? 0 : 1, ...levels)
}

function note<K>(readers: Map<K, Set<DagNode>> | undefined, key: K, reader: DagNode): void {
  const known = readers?.get(key)
  if (known === undefined) readers?.set(key, new Set([reader]))
  else known.add(reader)
}

function cut(dag: Dag, needed: ReadonlySet<DagNode>): Dag {
  const nodes = dag.nodes.filter((node) => needed.has(node))
  const ids = new Set(nodes.map(({ id }) => id))
  return { ...dag, nodes, data: dag.data.filter(({ from, to }) => ids.has(from) && ids.has(to)), control: [] }
}
