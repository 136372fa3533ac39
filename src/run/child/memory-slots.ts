/**
 * Shares memory out among runs that nodes of one run have started, directly or through others, and that go on at once. The slot
 * i holds 1 / (i (i + 1)) of the memory of one run alone; all slots together never hold more than that memory.
 */
export class MemorySlots {
  readonly #taken = new Set<number>()

  /** Takes the largest free slot; `share` is what the memory is to be divided by. */
  take(): { readonly share: number; readonly release: () => void } {
    let slot = 1
    while (this.#taken.has(slot)) slot++
    this.#taken.add(slot)
    return { share: slot * (slot + 1), release: () => this.#taken.delete(slot) }
  }
}
