/** How long a token or a lease lives from now on. */
export interface Lifetime {
  readonly seconds: number
  readonly isRenewable: boolean
}

/** What is left of a life is enough for a second try after a renewal that came late. */
const SHARE = 2 / 3
const LONGEST_TIMER_SECONDS = 2 ** 31 / 1000 - 1

/** Keeps a token and leases alive until it is closed. Does not keep the process alive. */
export class Renewals {
  readonly #timers = new Set<NodeJS.Timeout>()
  #isClosed = false

  /** Calls `renew` in time, again and again, until it gives no lifetime that can be renewed. `renew` reports its failures itself. */
  keep(lifetime: Lifetime | undefined, renew: () => Promise<Lifetime | undefined>): void {
    if (this.#isClosed || lifetime?.isRenewable !== true) return
    const seconds = Math.min(Math.max(lifetime.seconds * SHARE, 1), LONGEST_TIMER_SECONDS)
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void renew().then((next) => this.keep(next, renew))
    }, seconds * 1000)
    timer.unref()
    this.#timers.add(timer)
  }

  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
