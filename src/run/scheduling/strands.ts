/*
 * A strand
 *   ready     -> ready      its task was done at once
 *   ready     -> suspended  its task waits for a promise, or it has forked
 *   suspended -> ready      the promise is there, or its last child has ended
 *   ready     -> ended      its stack is empty, or everything stops
 */

/** One of several walks that go on at the same time; `stack` is what it has still to do, the next at the end. */
export interface Strand<Frame, Task> {
  readonly frame: Frame
  readonly stack: Task[]
  readonly parent: Strand<Frame, Task> | undefined
  /** Strands that it waits for. */
  children: number
}

export type Progress = 'ready' | 'suspended'

/**
 * Milliseconds after which the event loop gets a turn, although the next task is ready: signals are heard and garbage goes,
 * also while a long chain of tasks needs nothing but promises that are resolved at once.
 */
const BREATH = 10

/** Runs strands without recursion and without a promise for each: a chain or a fan-out of any size costs no stack. */
export class Strands<Frame, Task> {
  readonly #perform: (strand: Strand<Frame, Task>, task: Task) => Progress
  readonly #stops: () => boolean
  readonly #ready: Strand<Frame, Task>[] = []
  #count = 0
  /** When the event loop last had its turn, in milliseconds. */
  #breathed = 0
  #draining = false
  #fatal: { readonly error: unknown } | undefined
  #resolve: () => void = () => {}

  /** `stops`: when true, no further task is begun. */
  constructor(perform: (strand: Strand<Frame, Task>, task: Task) => Progress, stops: () => boolean) {
    this.#perform = perform
    this.#stops = stops
  }

  /** Whether an error has put an end to it. */
  get isBroken(): boolean {
    return this.#fatal !== undefined
  }

  /** Resolves when the last strand has ended; rejects then when a task threw. */
  async run(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#resolve = resolve
      this.#drain()
    })
    if (this.#fatal !== undefined) throw this.#fatal.error
  }

  /** Begins a strand beside the others. Its parent goes on when all its children have ended. */
  spawn(frame: Frame, task: Task, parent: Strand<Frame, Task> | undefined): void {
    this.#count++
    if (parent !== undefined) parent.children++
    this.#ready.push({ frame, stack: [task], parent, children: 0 })
  }

  /** Goes on with a strand once the promise is there. */
  suspend<T>(strand: Strand<Frame, Task>, promise: Promise<T>, then: (value: T) => void): 'suspended' {
    const goOn = () => {
      this.#ready.push(strand)
      if (performance.now() - this.#breathed < BREATH) this.#drain()
      else setImmediate(() => this.#breathe())
    }
    promise
      .then(then)
      .catch((error: unknown) => this.#giveUp(error))
      .then(goOn)
    return 'suspended'
  }

  #breathe(): void {
    this.#breathed = performance.now()
    this.#drain()
  }

  #giveUp(error: unknown): void {
    this.#fatal ??= { error }
  }

  #drain(): void {
    if (this.#draining) return
    this.#draining = true
    // The list grows while it is read; it is emptied at the end, so that taking the first stays cheap.
    for (let i = 0; i < this.#ready.length; i++) {
      const strand = this.#ready[i]
      if (strand !== undefined) this.#advance(strand)
    }
    this.#ready.length = 0
    this.#draining = false
    if (this.#count === 0) this.#resolve()
  }

  #advance(strand: Strand<Frame, Task>): void {
    try {
      for (;;) {
        const task = this.#fatal !== undefined || this.#stops() ? undefined : strand.stack.pop()
        if (task === undefined) break
        if (this.#perform(strand, task) === 'suspended') return
      }
    } catch (error) {
      this.#giveUp(error)
    }
    this.#end(strand)
  }

  #end({ parent }: Strand<Frame, Task>): void {
    this.#count--
    if (parent === undefined) return
    parent.children--
    if (parent.children === 0) this.#ready.push(parent)
  }
}
