/** What a strand of the walk may do next: one of these events, or go on without one. Asked again whenever something has happened. */
export type Step = () => readonly string[] | 'go on'

/** One walk, or a part of it that goes on beside others. It is resumed with the event that happened. */
export type Strand = Generator<Step, void, string>

interface Running {
  readonly strand: Strand
  step: Step
  done: boolean
}

/** A machine of strands. It says which events may come next, and is told which one came. */
export class Machine {
  readonly #running: Running[] = []

  /** Starts a strand beside the others; the result tells whether it has ended. */
  spawn(strand: Strand): () => boolean {
    const running: Running = { strand, step: () => 'go on', done: false }
    this.#running.push(running)
    this.#resume(running, '')
    return () => running.done
  }

  /** The events that may come next; none when everything has ended. */
  next(): readonly string[] {
    this.#goOn()
    return this.#running.flatMap(({ step }) => {
      const events = step()
      return events === 'go on' ? [] : events
    })
  }

  /** Takes one of the events that may come next. */
  take(event: string): void {
    const running = this.#running.find(({ step }) => step().includes(event))
    if (running === undefined) throw new RangeError(`${event} cannot happen now`)
    this.#resume(running, event)
  }

  get ended(): boolean {
    this.#goOn()
    return this.#running.length === 0
  }

  #goOn(): void {
    for (let waiting = this.#silent(); waiting !== undefined; waiting = this.#silent()) this.#resume(waiting, '')
  }

  #silent(): Running | undefined {
    return this.#running.find(({ step }) => step() === 'go on')
  }

  #resume(running: Running, event: string): void {
    const { done, value } = running.strand.next(event)
    if (done === true) {
      running.done = true
      this.#running.splice(this.#running.indexOf(running), 1)
    } else running.step = value
  }
}

/** The one order of events of a walk in which nothing runs beside anything else. */
export function predict(machine: Machine): readonly string[] {
  const events: string[] = []
  for (;;) {
    const [event, ...others] = machine.next()
    if (event === undefined) break
    if (others.length > 0) throw new RangeError(`${[event, ...others].join(', ')}: all may happen next`)
    machine.take(event)
    events.push(event)
  }
  if (!machine.ended) throw new RangeError(`after ${events.join(', ')} something waits for ever`)
  return events
}

/** Holds a trace, whole or its begin, against a walk. Undefined when the walk allows it; else what is wrong at which place. */
export function findFault(machine: Machine, trace: readonly string[], isCut = false): string | undefined {
  for (const [at, event] of trace.entries()) {
    const allowed = machine.next()
    if (!allowed.includes(event)) {
      return `${event} at ${at} is not allowed, but ${allowed.join(' or ') || 'nothing'}; before it: ${trace.slice(0, at).join(', ')}`
    }
    machine.take(event)
  }
  if (isCut || machine.ended) return undefined
  return `${machine.next().join(' or ') || 'something that waits'} is missing after ${trace.join(', ')}`
}

/** Waits without an event. */
export function* until(holds: () => boolean): Strand {
  yield () => (holds() ? 'go on' : [])
}
