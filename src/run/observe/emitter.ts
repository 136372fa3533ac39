import { messageOf } from '../../core/errors.js'
import type { Emit, RunEvent } from '../../core/events.js'

/** Hears the events of a run. What it returns or throws never reaches the run. */
export interface Listener {
  readonly name: string
  readonly hear: (event: RunEvent) => unknown
  /** Called once after the last event. */
  readonly close?: () => unknown
}

/** A listener that holds the run up for longer than this is dropped. */
const SLOW_MS = 2000

/** Hands events to listeners; one that throws or is slow is dropped with a warning to the others. */
export class Emitter {
  #listeners: Listener[]
  #queue: RunEvent[] = []
  #emitting = false

  readonly #mask: (event: RunEvent) => RunEvent

  /** `mask` takes secrets out of each event before anybody hears it. */
  constructor(listeners: readonly Listener[], mask: (event: RunEvent) => RunEvent = (event) => event) {
    this.#listeners = [...listeners]
    this.#mask = mask
  }

  readonly emit: Emit = (event) => {
    this.#queue.push(this.#mask(event))
    // A listener's warning is an event of its own, for after this one.
    if (this.#emitting) return
    this.#emitting = true
    for (let i = 0; i < this.#queue.length; i++) {
      const next = this.#queue[i]
      if (next !== undefined) for (const listener of this.#listeners) this.#tell(listener, next)
    }
    this.#queue = []
    this.#emitting = false
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners) {
      try {
        await listener.close?.()
      } catch (error) {
        this.#drop(listener, error)
      }
    }
  }

  #tell(listener: Listener, event: RunEvent): void {
    const begun = performance.now()
    try {
      const returned = listener.hear(event)
      if (returned instanceof Promise) returned.catch((error: unknown) => this.#drop(listener, error))
    } catch (error) {
      this.#drop(listener, error)
      return
    }
    if (performance.now() - begun > SLOW_MS) this.#drop(listener, new Error(`it took more than ${SLOW_MS / 1000} s for one event`))
  }

  #drop(listener: Listener, error: unknown): void {
    if (!this.#listeners.includes(listener)) return
    this.#listeners = this.#listeners.filter((other) => other !== listener)
    const message = messageOf(error)
    this.emit({ type: 'log', level: 'warn', message: `The listener ${listener.name} is switched off: ${message}` })
  }
}
