import { groupBy } from '../core/group-by.js'
import { describePorts } from './describe.js'
import type { DrawnConnection, DrawnNode, DrawnSubFlow } from './drawing.js'

/** Nodes that rows go through one after the other, with what branches off on the way. */
export interface Strand {
  /** The ports that lead into it, where they are unusual. */
  readonly ports: string
  readonly knots: readonly Knot[]
}

/** A node in its strand; or only the name of one that is drawn further down, where its last input comes. */
export type Knot =
  | { readonly kind: 'node'; readonly drawn: DrawnNode; readonly ports: string; readonly branches: readonly Strand[] }
  | { readonly kind: 'reference'; readonly id: string; readonly ports: string }

/** Takes a sub flow apart into strands, each as long as can be: what branches off is the shorter part. */
export function findStrands({ nodes }: DrawnSubFlow, connections: readonly DrawnConnection[]): readonly Strand[] {
  const leaving = groupBy(connections, ({ from }) => from)
  const open = new Map([...groupBy(connections, ({ to }) => to)].map(([id, into]) => [id, into.length]))
  const drawn = new Map(nodes.map((node) => [node.node.id, node]))
  const length = measureLengths(nodes, leaving)

  const follow = (start: string, startPorts: string): Strand => {
    const knots: Knot[] = []
    let id = start
    let ports = startPorts
    for (;;) {
      const inputs = (open.get(id) ?? 1) - 1
      open.set(id, inputs)
      const node = drawn.get(id)
      if (inputs > 0 || node === undefined) {
        knots.push({ kind: 'reference', id, ports })
        break
      }
      const next = (leaving.get(id) ?? []).toSorted((a, b) => (length.get(a.to) ?? 0) - (length.get(b.to) ?? 0))
      const last = next.pop()
      knots.push({ kind: 'node', drawn: node, ports, branches: next.map((branch) => follow(branch.to, describePorts(branch))) })
      if (last === undefined) break
      id = last.to
      ports = describePorts(last)
    }
    return { ports: startPorts, knots }
  }
  return nodes.filter(({ node }) => !open.has(node.id)).map(({ node }) => follow(node.id, ''))
}

/** The nodes on the longest way from each node on. */
function measureLengths(
  nodes: readonly DrawnNode[],
  leaving: ReadonlyMap<string, readonly DrawnConnection[]>,
): ReadonlyMap<string, number> {
  const lengths = new Map<string, number>()
  const waiting = nodes.map(({ node }) => node.id)
  for (let id = waiting.at(-1); id !== undefined; id = waiting.at(-1)) {
    const unknown = (leaving.get(id) ?? []).filter(({ to }) => !lengths.has(to))
    if (unknown.length > 0) {
      waiting.push(...unknown.map(({ to }) => to))
      continue
    }
    waiting.pop()
    lengths.set(id, 1 + Math.max(0, ...(leaving.get(id) ?? []).map(({ to }) => lengths.get(to) ?? 0)))
  }
  return lengths
}
