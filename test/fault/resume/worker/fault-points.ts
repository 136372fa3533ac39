import { writeSync } from 'node:fs'
import type { PowerCut } from '../../power/powered-place.js'

/** Where a process is to stop: at a point by its number, from 1, or at the first one that is called so. With `power`, the machine stops too. */
export type Stop = ({ readonly at: number } | { readonly on: string }) & { readonly power?: PowerCut }

/** Sees the points go by. */
export interface Witness {
  pass(point: string): void
  /** Called when the process is about to be killed. */
  end(): void
}

/**
 * The points at which a process can be killed, in the order in which it comes to them: before each step, and in the middle of each that
 * writes. Counting goes on over all runs of the process.
 */
export class FaultPoints {
  readonly #stop: Stop | undefined
  readonly #witness: Witness | undefined
  #count = 0

  constructor(stop: Stop | undefined, witness?: Witness) {
    this.#stop = stop
    this.#witness = witness
  }

  get count(): number {
    return this.#count
  }

  /** Before a step; `tear` leaves it half done. */
  reach(name: string, tear?: () => void): void {
    if (this.#isLast(`before ${name}`)) this.#die(`before ${name}`)
    if (tear === undefined || !this.#isLast(`in the middle of ${name}`)) return
    tear()
    this.#die(`in the middle of ${name}`)
  }

  /** In the middle of a step that somebody else does; `wait` lets it get under way. */
  async reachAmid(name: string, wait: () => Promise<unknown>): Promise<void> {
    if (!this.#isLast(`in the middle of ${name}`)) return
    await wait()
    this.#die(`in the middle of ${name}`)
  }

  #isLast(point: string): boolean {
    this.#count++
    this.#witness?.pass(point)
    if (this.#stop === undefined) return false
    return 'at' in this.#stop ? this.#stop.at === this.#count : this.#stop.on === point
  }

  /** SIGKILL: nothing of this process runs after it. */
  #die(point: string): never {
    this.#witness?.end()
    writeSync(1, `${JSON.stringify({ killed: point })}\n`)
    process.kill(process.pid, 'SIGKILL')
    throw new Error('The process outlived SIGKILL.')
  }
}
