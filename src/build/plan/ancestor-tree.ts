/**
 * A tree that only grows, with ancestor queries in logarithmic time and without recursion: each node has a second,
 * longer link upwards (skew-binary jump pointers, after Myers 1983). Nodes are numbers; 0 is the root.
 */
export class AncestorTree {
  readonly #parent: number[] = [0]
  readonly #jump: number[] = [0]
  readonly #depth: number[] = [0]

  /** Adds a node and returns its number. */
  add(parent: number): number {
    const jump = this.#jump[parent] ?? 0
    const farther = this.#jump[jump] ?? 0
    const isEven = this.depth(parent) - this.depth(jump) === this.depth(jump) - this.depth(farther)
    this.#parent.push(parent)
    this.#jump.push(isEven ? farther : parent)
    this.#depth.push(this.depth(parent) + 1)
    return this.#parent.length - 1
  }

  depth(node: number): number {
    return this.#depth[node] ?? 0
  }

  parent(node: number): number {
    return this.#parent[node] ?? 0
  }

  /** The ancestor (or node itself) at a depth. */
  atDepth(node: number, depth: number): number {
    let at = node
    while (this.depth(at) > depth) {
      const jump = this.#jump[at] ?? 0
      at = this.depth(jump) >= depth ? jump : this.parent(at)
    }
    return at
  }

  /** Whether `above` is `below` or one of its ancestors. */
  isAbove(above: number, below: number): boolean {
    return this.atDepth(below, this.depth(above)) === above
  }

  /** The lowest node that is above both. */
  meet(a: number, b: number): number {
    const depth = Math.min(this.depth(a), this.depth(b))
    let x = this.atDepth(a, depth)
    let y = this.atDepth(b, depth)
    while (x !== y) {
      const jumpX = this.#jump[x] ?? 0
      const jumpY = this.#jump[y] ?? 0
      // Equal depths have jumps of equal length.
      if (jumpX === jumpY) {
        x = this.parent(x)
        y = this.parent(y)
      } else {
        x = jumpX
        y = jumpY
      }
    }
    return x
  }
}
