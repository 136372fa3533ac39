import { writeSync } from 'node:fs'

/** Where a process is to stop: at a point by its number, from 1. */
export interface Stop {
  readonly at: number
}

/**
 * The points at which a process can be killed, in the order in which it comes to them: before each step, and in the middle of each that
 * writes. Counting goes on over all runs of the process.
 */
export class FaultPoints {
  readonly #at: number
  #count = 0

  constructor(stop: Stop | undefined) {
    this.#at = stop?.at ?? Number.POSITIVE_INFINITY
  }

  get count(): number {
    return this.#count
  }

  /** Before a step; `tear` leaves it half done. */
  reach(name: string, tear?: () => void): void {
    if (++this.#count === this.#at) die(`before ${name}`)
    if (tear === undefined || ++this.#count !== this.#at) return
    tear()
    die(`in the middle of ${name}`)
  }

  /** In the middle of a step that somebody else does; `wait` lets it get under way. */
  async reachAmid(name: string, wait: () => Promise<unknown>): Promise<void> {
    if (++this.#count !== this.#at) return
    await wait()
    die(`in the middle of ${name}`)
  }
}

/** SIGKILL: nothing of this process runs after it. */
function die(point: string): never {
  writeSync(1, `${JSON.stringify({ killed: point })}\n`)
  process.kill(process.pid, 'SIGKILL')
  throw new Error('The process outlived SIGKILL.')
}
