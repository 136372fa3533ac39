import type { Piscina } from 'piscina'

/** Worker threads for the CPU-bound code of modules; none is started before the first use. */
export class WorkerThreads {
  readonly #count: number
  #pool: Promise<Piscina> | undefined

  constructor(count: number) {
    this.#count = count
  }

  /** Runs the default export of the module at `url` with `input` in a worker. */
  async run<Input, Output>(url: URL, input: Input, signal: AbortSignal): Promise<Output> {
    this.#pool ??= import('piscina').then(({ Piscina }) => new Piscina({ maxThreads: this.#count, minThreads: 0 }))
    const pool = await this.#pool
    return pool.run(input, { filename: url.href, signal })
  }

  async close(): Promise<void> {
    if (this.#pool !== undefined) await (await this.#pool).destroy()
  }
}
