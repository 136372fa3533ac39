/** One holder at a time for each key; the others wait in the order in which they came. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>()

  /** Holds all keys while `work` runs. Keys are taken in one order everywhere, so that two holders cannot wait for each other. */
  async hold<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const releases: (() => void)[] = []
    for (const key of [...new Set(keys)].sort()) releases.push(await this.#take(key))
    try {
      return await work()
    } finally {
      for (const release of releases) release()
    }
  }

  async #take(key: string): Promise<() => void> {
    const before = this.#tails.get(key)
    let release = () => {}
    const tail = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#tails.set(key, tail)
    await before
    return () => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
      release()
    }
  }
}
