/** A set of indexes that is held as ranges: a million that follow each other cost as much as one. */
export class IndexRanges {
  /** First and last indexes in turns, ascending; ranges never touch. */
  readonly #bounds: number[] = []

  add(index: number): void {
    const at = this.#place(index)
    // Inside of a range: an odd place.
    if (at % 2 === 1 || this.#bounds[at] === index) return
    const joinsBefore = this.#bounds[at - 1] === index - 1
    const joinsAfter = this.#bounds[at] === index + 1
    if (joinsBefore && joinsAfter) this.#bounds.splice(at - 1, 2)
    else if (joinsBefore) this.#bounds[at - 1] = index
    else if (joinsAfter) this.#bounds[at] = index
    else this.#bounds.splice(at, 0, index, index)
  }

  has(index: number): boolean {
    const at = this.#place(index)
    return at % 2 === 1 || this.#bounds[at] === index
  }

  /** Number of indexes. */
  get size(): number {
    let size = 0
    for (let at = 0; at < this.#bounds.length; at += 2) size += (this.#bounds[at + 1] ?? 0) - (this.#bounds[at] ?? 0) + 1
    return size
  }

  /** How many bounds are below the index: odd when it is inside of a range and not its first. */
  #place(index: number): number {
    let low = 0
    let high = this.#bounds.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#bounds[middle] ?? 0) < index) low = middle + 1
      else high = middle
    }
    return low
  }
}
