import type { Arrow, ArrowGraph } from './model-flow.js'

/** Which sub flows are inside of which loops. */
export interface Loops {
  /** The scope of each iterate connection. */
  readonly scopes: ReadonlyMap<Arrow, ReadonlySet<string>>
  /** How many loops are around a sub flow. */
  readonly depthOf: (subFlow: string) => number
  /** The connections out of a scope, in order of declaration. */
  readonly exitsOf: (loop: Arrow) => readonly Arrow[]
}

/** Finds the scopes by their definition, sub flow by sub flow, each after those that lead to it. */
export function findLoops(flow: ArrowGraph): Loops {
  const sorted = sortByWay(flow)
  const passed = new Map<string, ReadonlySet<string>>()
  for (const subFlow of sorted) passed.set(subFlow, new Set([subFlow, ...passedOnEveryWay(flow.into(subFlow), passed)]))
  const scopes = new Map<Arrow, Set<string>>()
  for (const loop of flow.arrows) {
    if (loop.connection.type !== 'iterate') continue
    const scope = new Set<string>()
    for (const subFlow of sorted) {
      // Rows that were stored before the list was made may be read in every frame.
      const ways = flow.into(subFlow).filter((arrow) => scope.has(arrow.from) || !isStoredBefore(arrow, loop, passed))
      if (ways.length > 0 && ways.every((arrow) => arrow === loop || scope.has(arrow.from))) scope.add(subFlow)
    }
    scopes.set(loop, scope)
  }
  return {
    scopes,
    depthOf: (subFlow) => [...scopes.values()].filter((scope) => scope.has(subFlow)).length,
    exitsOf: (loop) => {
      const scope = scopes.get(loop)
      return flow.arrows.filter((arrow) => scope?.has(arrow.from) === true && !scope.has(arrow.to))
    },
  }
}

function isStoredBefore(arrow: Arrow, loop: Arrow, passed: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  return arrow !== loop && isPlainBoundary(arrow) && passed.get(loop.from)?.has(arrow.from) === true
}

/** The sub flows that every way passes; a boundary from one that every other way passes is not a way of its own. */
function passedOnEveryWay(into: readonly Arrow[], passed: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const sets = (arrows: readonly Arrow[]) => arrows.map(({ from }) => passed.get(from) ?? new Set<string>())
  const ways = into.filter((arrow) => {
    const others = into.filter((other) => other !== arrow && !(isPlainBoundary(other) && passed.get(arrow.from)?.has(other.from) === true))
    return !(isPlainBoundary(arrow) && others.length > 0 && common(sets(others)).has(arrow.from))
  })
  return common(sets(ways))
}

function common(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const [first, ...rest] = sets
  return new Set([...(first ?? [])].filter((name) => rest.every((set) => set.has(name))))
}

function isPlainBoundary({ connection }: Arrow): boolean {
  return connection.boundary && connection.type !== 'iterate'
}

function sortByWay(flow: ArrowGraph): readonly string[] {
  const sorted: string[] = []
  const visit = (subFlow: string): void => {
    if (sorted.includes(subFlow)) return
    for (const { from } of flow.into(subFlow)) visit(from)
    sorted.push(subFlow)
  }
  for (const subFlow of flow.subFlows) visit(subFlow)
  return sorted
}
