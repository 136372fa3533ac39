/** Things on two sides, by their places from 0, and which of them go together. */
export interface Sides {
  readonly left: number
  readonly right: number
  /** Which right ones are worth a look for a left one: from the first up to the second, which is none. Neither falls from one to the next. */
  readonly range: (left: number) => readonly [from: number, to: number]
  readonly fits: (left: number, right: number) => boolean
}

/**
 * As many pairs as there can be, by their left places. `isLine`: whoever fits two right ones fits all between them, so that those who
 * choose in their order leave nobody behind.
 */
export function pairUp(sides: Sides, isLine: boolean): ReadonlyMap<number, number> {
  const rightOf = new Map<number, number>()
  const leftOf = new Map<number, number>()
  const free = new Remaining(sides.right)
  const open: number[] = []
  for (let left = 0; left < sides.left; left++) {
    const [from, to] = sides.range(left)
    let right = free.next(from)
    while (right < to && !sides.fits(left, right)) right = free.next(right + 1)
    if (right < to) {
      free.remove(right)
      rightOf.set(left, right)
      leftOf.set(right, left)
    } else open.push(left)
  }
  if (isLine) return rightOf
  const exhausted = new Set<number>()
  for (const start of open) {
    if (rightOf.size === sides.right) break
    exchange(start, sides, leftOf, rightOf, exhausted)
  }
  return rightOf
}

/** Places from 0 that are still there. */
class Remaining {
  /** A place that is gone leads to one behind it. */
  readonly #next: Int32Array

  constructor(size: number) {
    this.#next = Int32Array.from({ length: size + 1 }, (_, i) => i)
  }

  /** The first one from a place on; the size where there is none. */
  next(from: number): number {
    const last = this.#next.length - 1
    let place = Math.min(from, last)
    while (this.#next[place] !== place) {
      const after = this.#next[place] ?? last
      // Ways are halved while they are gone, so that they stay short.
      this.#next[place] = this.#next[after] ?? last
      place = after
    }
    return place
  }

  remove(place: number): void {
    this.#next[place] = place + 1
  }
}

/**
 * Gives a left one a partner that others give away, each for another one of its own, where there is such a way. Breadth first: ways may be
 * long. Where there is none, all that was come by is exhausted: it leads nobody else to a free one either.
 */
function exchange(
  start: number,
  { range, fits }: Sides,
  leftOf: Map<number, number>,
  rightOf: Map<number, number>,
  exhausted: Set<number>,
): void {
  const cameFrom = new Map<number, number>()
  const queue = [start]
  for (const left of queue) {
    const [from, to] = range(left)
    for (let right = from; right < to; right++) {
      if (exhausted.has(right) || cameFrom.has(right) || !fits(left, right)) continue
      cameFrom.set(right, left)
      const owner = leftOf.get(right)
      if (owner === undefined) {
        takeAlong(right, start, cameFrom, leftOf, rightOf)
        return
      }
      queue.push(owner)
    }
  }
  for (const right of cameFrom.keys()) exhausted.add(right)
}

/** Along the way that led to a free one, each gives its partner away and takes the next one. */
function takeAlong(
  end: number,
  start: number,
  cameFrom: ReadonlyMap<number, number>,
  leftOf: Map<number, number>,
  rightOf: Map<number, number>,
): void {
  let free: number | undefined = end
  while (free !== undefined) {
    const left: number = cameFrom.get(free) ?? start
    const before = rightOf.get(left)
    rightOf.set(left, free)
    leftOf.set(free, left)
    free = before
  }
}
