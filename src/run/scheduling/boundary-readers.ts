import { type ConnectionName, type Dag, type ExecutionMetadata, nameConnection } from '../../core/dag.js'
import { findLoops, type LoopPlace } from './plan-walk.js'

/** A port whose rows cross a boundary or are the list of a loop. */
export interface BoundaryPort {
  readonly node: string
  readonly port: string
  /**
   * What reads its rows, in the frame that they were written in: sub flows, and loops (by {@link loopReader}) for all that is inside
   * of them.
   */
  readonly readers: ReadonlySet<string>
}

/** The ports of each sub flow whose rows are kept beyond it, with their readers. */
export function findBoundaryPorts(dag: Dag, metadata: ExecutionMetadata): ReadonlyMap<string, readonly BoundaryPort[]> {
  const loops = findLoops(dag, metadata)
  const subFlowOf = new Map(dag.nodes.map((node) => [node.id, node.sub_flow]))
  const firstPort = new Map(dag.nodes.map((node) => [node.id, node.output_ports[0]]))
  const found = new Map<string, { readonly node: string; readonly port: string; readonly readers: Set<string> }>()
  const add = (node: string, port: string, reader: string) => {
    const name = `${node}.${port}`
    const known = found.get(name) ?? { node, port, readers: new Set() }
    found.set(name, known)
    known.readers.add(reader)
  }
  for (const { from, from_port, to, boundary } of dag.data) {
    if (!boundary) continue
    const depth = loops.get(subFlowOf.get(from) ?? '')?.depth ?? 0
    const reader = subFlowOf.get(to) ?? ''
    const around = loopBelow(loops.get(reader), depth)
    add(from, from_port, around === undefined ? reader : loopReader(around.connection))
  }
  for (const connection of dag.control) {
    const port = connection.type === 'iterate' ? firstPort.get(connection.from) : undefined
    if (port !== undefined) add(connection.from, port, loopReader(connection))
  }
  const ports = new Map<string, BoundaryPort[]>()
  for (const port of found.values()) {
    const subFlow = subFlowOf.get(port.node) ?? ''
    ports.set(subFlow, [...(ports.get(subFlow) ?? []), port])
  }
  return ports
}

/** How a loop is called among readers; no sub flow has such a name. */
export function loopReader(loop: ConnectionName): string {
  return nameConnection(loop)
}

/** The loop around a place that stands at a depth itself. */
function loopBelow(place: LoopPlace | undefined, depth: number): LoopPlace | undefined {
  for (let loop = place; loop !== undefined; loop = loop.outer) {
    if (loop.depth === depth + 1) return loop
  }
  return undefined
}
