/** Lets at most `limit` tasks run at once; the others wait in the order in which they came. */
export class Bound {
  readonly #limit: number
  #waiting: (() => void)[] = []
  #head = 0
  #running = 0

  constructor(limit: number) {
    this.#limit = Math.max(1, limit)
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await task()
    } finally {
      this.#release()
    }
  }

  /** Hands the place to the one that waits longest. */
  #release(): void {
    const next = this.#waiting[this.#head]
    if (next === undefined) {
      this.#waiting = []
      this.#head = 0
      this.#running--
      return
    }
    this.#head++
    next()
  }
}
