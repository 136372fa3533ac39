/** An edge between two things that are numbered. */
export interface Edge {
  readonly from: number
  readonly to: number
}

/**
 * Numbers in topological order, those that are ready at the same time by number. What stands on a circle, or behind one,
 * is missing.
 */
export function sortTopologically(
  count: number,
  edges: readonly Edge[],
): { readonly order: readonly number[]; readonly level: readonly number[] } {
  const successors = successorsOf(count, edges)
  const open = new Array<number>(count).fill(0)
  const level = new Array<number>(count).fill(0)
  for (const { to } of edges) open[to] = (open[to] ?? 0) + 1
  const order: number[] = []
  let ready = Array.from({ length: count }, (_, i) => i).filter((i) => open[i] === 0)
  for (let depth = 0; ready.length > 0; depth++) {
    const next: number[] = []
    for (const at of ready) {
      order.push(at)
      level[at] = depth
      for (const to of successors[at] ?? []) {
        const left = (open[to] ?? 0) - 1
        open[to] = left
        if (left === 0) next.push(to)
      }
    }
    ready = next.sort((a, b) => a - b)
  }
  return { order, level }
}

/** Circles, each once, as the numbers on it in order; circles that share a part with a reported one may be missing. */
export function findCircles(count: number, edges: readonly Edge[]): readonly (readonly number[])[] {
  const stuck = stuckOnCircles(count, edges)
  const successors = successorsOf(
    count,
    edges.filter(({ from, to }) => stuck.has(from) && stuck.has(to)),
  )
  const walkOf = new Map<number, number>()
  const circles: number[][] = []
  for (const start of stuck) {
    const path: number[] = []
    let at = start
    while (!walkOf.has(at)) {
      walkOf.set(at, start)
      path.push(at)
      at = successors[at]?.[0] ?? at
    }
    if (walkOf.get(at) === start && path.length > 0) circles.push(smallestFirst(path.slice(path.indexOf(at))))
  }
  return circles
}

/** What stands on circles or between them: all that is left when loose ends are taken away on both sides. */
function stuckOnCircles(count: number, edges: readonly Edge[]): Set<number> {
  const forward = new Set(sortTopologically(count, edges).order)
  if (forward.size === count) return new Set()
  const left = edges.filter(({ from, to }) => !forward.has(from) && !forward.has(to))
  const backward = new Set(
    sortTopologically(
      count,
      left.map(({ from, to }) => ({ from: to, to: from })),
    ).order,
  )
  return new Set(Array.from({ length: count }, (_, i) => i).filter((i) => !forward.has(i) && !backward.has(i)))
}

function smallestFirst(circle: readonly number[]): number[] {
  const start = circle.indexOf(circle.reduce((least, next) => Math.min(least, next), Infinity))
  return [...circle.slice(start), ...circle.slice(0, start)]
}

function successorsOf(count: number, edges: readonly Edge[]): readonly (readonly number[])[] {
  const successors: number[][] = Array.from({ length: count }, () => [])
  for (const { from, to } of edges) successors[from]?.push(to)
  return successors
}
