import { AncestorTree } from './ancestor-tree.js'
import type { ControlEdge, ControlGraph } from './control-graph.js'
import { isOpenGate } from './gates.js'
import type { Scopes } from './scopes.js'
import type { PlanSubFlow } from './sub-flows.js'

/** Answers whether the order of the walk makes sure that one sub flow has ended before another one starts. */
export interface WalkOrder {
  /** Before `subFlow` starts. */
  readonly endsBefore: (earlier: PlanSubFlow, subFlow: PlanSubFlow) => boolean
  /** Before the walk looks at a connection (its condition). */
  readonly endsBeforeEdge: (earlier: PlanSubFlow, edge: ControlEdge) => boolean
}

/*
 * The walk as a tree. Below a sub flow stand its groups of connections, one after the other; below a group of several
 * stand its connections, in parallel; below a connection stands what its walk runs. A join stands where its last
 * connection is settled: below the later one when the walk takes them one after the other, directly below the group when
 * they are walked in parallel. What a `start` connection leads to goes on in the background: nothing outside may count on
 * its end, but the frame or the run in which it was started. The same holds for an open gate: which of its connections starts
 * it is not known. What leaves a loop is settled after the last frame.
 */
interface Spot {
  readonly kind: 'sequence' | 'parallel'
  /** Place among the children of a sequence. */
  readonly key: number
  readonly special: 'background' | 'frames' | undefined
  /** The nearest spot at or above this one that is special; -1 for none. */
  readonly nextSpecial: number
}

/** Lays the walk out as a tree, which later questions are answered from. */
export function layWalkOrder(graph: ControlGraph, scopes: Scopes): WalkOrder {
  const walk = new WalkTree()
  graph.roots.forEach((root, key) => {
    walk.placeRoot(root, key)
  })
  for (const subFlow of graph.topological) {
    const entering = graph.entering[subFlow.index] ?? []
    if (entering.length > 0) walk.placeTarget(subFlow, entering, scopes)
    walk.placeLeaving(subFlow, graph.leaving[subFlow.index] ?? [])
  }
  const search = (earlier: PlanSubFlow, edges: readonly ControlEdge[]): boolean => {
    const seen = new Set<PlanSubFlow>()
    const queue = [...edges]
    for (const edge of queue) {
      if (edge.from === earlier || walk.isBefore(earlier, edge, scopes)) return true
      if (seen.has(edge.from)) continue
      seen.add(edge.from)
      if (walk.isRootBefore(earlier, edge.from)) return true
      const entering = graph.entering[edge.from.index] ?? []
      if (!isOpenGate(edge.from)) queue.push(...entering)
      else if (isBeforeGate(earlier, entering)) return true
    }
    return false
  }
  // Any one of its connections may be the first that is taken.
  const isBeforeGate = (earlier: PlanSubFlow, entering: readonly ControlEdge[]): boolean =>
    entering.length > 0 && entering.every((edge) => search(earlier, [edge]))
  return {
    endsBefore: (earlier, subFlow) => {
      if (walk.isRootBefore(earlier, subFlow)) return true
      const entering = graph.entering[subFlow.index] ?? []
      return isOpenGate(subFlow) ? isBeforeGate(earlier, entering) : search(earlier, entering)
    },
    endsBeforeEdge: (earlier, edge) => search(earlier, [edge]),
  }
}

class WalkTree {
  readonly #tree = new AncestorTree()
  readonly #spots: Spot[] = [{ kind: 'sequence', key: 0, special: undefined, nextSpecial: -1 }]
  readonly #ofSubFlow: number[] = []
  readonly #ofEdge = new Map<ControlEdge, number>()
  /** Where the connections that leave a loop are settled, by its iterate connection. */
  readonly #exitsOf = new Map<ControlEdge, number>()
  readonly #exitOfEdge = new Map<ControlEdge, number>()

  placeRoot(root: PlanSubFlow, key: number): void {
    this.#ofSubFlow[root.index] = this.#add(0, 'sequence', key)
  }

  placeTarget(subFlow: PlanSubFlow, entering: readonly ControlEdge[], scopes: Scopes): void {
    const spots = entering.map((edge) => this.#settledAt(edge, scopes))
    this.#ofSubFlow[subFlow.index] = isOpenGate(subFlow)
      ? this.#add(
          spots.reduce((a, b) => this.#tree.meet(a, b)),
          'sequence',
          -1,
          'background',
        )
      : this.#add(
          spots.reduce((a, b) => this.#later(a, b)),
          'sequence',
          0,
        )
  }

  placeLeaving(subFlow: PlanSubFlow, groups: readonly (readonly ControlEdge[])[]): void {
    const at = this.#ofSubFlow[subFlow.index] ?? 0
    groups.forEach((group, key) => {
      const parent = group.length > 1 ? this.#add(at, 'parallel', key) : at
      for (const edge of group) this.#placeEdge(edge, parent, key)
    })
  }

  /** Whether the walk makes sure that `earlier` ended before it looks at `edge`, by order alone. */
  isBefore(earlier: PlanSubFlow, edge: ControlEdge, scopes: Scopes): boolean {
    return this.#isSpotBefore(this.#ofSubFlow[earlier.index] ?? 0, this.#settledAt(edge, scopes))
  }

  /** The same for a root, which no connection leads to. */
  isRootBefore(earlier: PlanSubFlow, root: PlanSubFlow): boolean {
    const at = this.#ofSubFlow[root.index] ?? 0
    return this.#tree.parent(at) === 0 && this.#isSpotBefore(this.#ofSubFlow[earlier.index] ?? 0, at)
  }

  #placeEdge(edge: ControlEdge, parent: number, key: number): void {
    const { type } = edge.control
    const at = this.#add(parent, 'sequence', key, type === 'start' ? 'background' : undefined)
    if (type !== 'iterate') {
      this.#ofEdge.set(edge, at)
      return
    }
    this.#ofEdge.set(edge, this.#add(at, 'sequence', 0, 'frames'))
    this.#exitsOf.set(edge, this.#add(at, 'sequence', 1))
  }

  /** A connection that leaves loops is settled after the last frame of the outermost one that it leaves. */
  #settledAt(edge: ControlEdge, scopes: Scopes): number {
    const known = this.#exitOfEdge.get(edge)
    if (known !== undefined) return known
    const left = scopes.outermostLeft(edge)
    const exits = left === undefined ? undefined : this.#exitsOf.get(left)
    const spot =
      exits === undefined
        ? (this.#ofEdge.get(edge) ?? 0)
        : this.#add(exits, 'sequence', edge.control.index, edge.control.type === 'start' ? 'background' : undefined)
    this.#exitOfEdge.set(edge, spot)
    return spot
  }

  #isSpotBefore(earlier: number, later: number): boolean {
    const meet = this.#tree.meet(earlier, later)
    if (meet === earlier || meet === later || this.#spots[meet]?.kind !== 'sequence') return false
    return this.#keyBelow(meet, earlier) < this.#keyBelow(meet, later) && !this.#runsOnBelow(meet, earlier)
  }

  /** Where what hangs on two connections runs: in the walk that settles the later one of them. */
  #later(a: number, b: number): number {
    const meet = this.#tree.meet(a, b)
    if (this.#spots[meet]?.kind === 'parallel') {
      return this.#runsOnBelow(meet, a) || this.#runsOnBelow(meet, b) ? this.#add(meet, 'sequence', -1, 'background') : meet
    }
    if (meet === a || meet === b) return meet === a ? b : a
    const [first, last] = this.#keyBelow(meet, a) <= this.#keyBelow(meet, b) ? [a, b] : [b, a]
    // A background walk may settle its connection long after the walk has gone on to the later one.
    return this.#runsOnBelow(meet, first) ? this.#add(meet, 'sequence', -1, 'background') : last
  }

  #keyBelow(meet: number, spot: number): number {
    return this.#spots[this.#tree.atDepth(spot, this.#tree.depth(meet) + 1)]?.key ?? 0
  }

  /** Whether a background walk between the two keeps `spot` from having ended when the walk below `meet` has; a loop waits for its own. */
  #runsOnBelow(meet: number, spot: number): boolean {
    let topmost: Spot['special']
    const depth = this.#tree.depth(meet)
    for (let at = this.#spots[spot]?.nextSpecial ?? -1; at >= 0 && this.#tree.depth(at) > depth; ) {
      topmost = this.#spots[at]?.special
      at = this.#spots[this.#tree.parent(at)]?.nextSpecial ?? -1
    }
    return topmost === 'background'
  }

  #add(parent: number, kind: Spot['kind'], key: number, special?: Spot['special']): number {
    const at = this.#tree.add(parent)
    this.#spots.push({ kind, key, special, nextSpecial: special === undefined ? (this.#spots[parent]?.nextSpecial ?? -1) : at })
    return at
  }
}
