import { isDeepStrictEqual } from 'node:util'
import type { PowerCut } from '../power/powered-place.js'
import type { FaultFlow } from './fault-flow.js'
import { Place, type Snapshot } from './place.js'
import type { Tables } from './tables.js'
import type { Answer, Task } from './worker/task.js'

/** A run that is killed, resumed, killed again, and resumed to its end. */
export class Victim {
  readonly #flow: FaultFlow
  readonly #place: Place
  /** Where it was killed, in words. */
  readonly #deaths: string[] = []
  /** What power cuts have taken, in words; undefined: there was none. */
  #lost: string[] | undefined

  private constructor(flow: FaultFlow, place: Place) {
    this.#flow = flow
    this.#place = place
  }

  static async create(flow: FaultFlow, folder: string, tables?: Tables): Promise<Victim> {
    return new Victim(flow, await Place.create(folder, flow.flow.files, tables))
  }

  /** What its next process has to do; undefined: its run has completed. */
  nextTask(): Task | undefined {
    if (this.#place.lastEnd() === 'completed') return undefined
    return this.#place.task(this.#flow.job, this.#deaths.length > 0)
  }

  /** Notes that it was killed, or with the machine lost its power; throws when somebody who reads the targets now sees half of one. */
  async die(point: string, power?: PowerCut): Promise<void> {
    this.#deaths.push(power === undefined ? point : `${point} (power cut, loss of ${power.loss})`)
    if (power !== undefined) {
      const { before, after } = this.#place.losePower()
      this.#lost = [...(this.#lost ?? []), ...listDifferences(before, after)]
      await this.#place.waitForRest()
    }
    const halves = listHalves(this.#flow, await this.#place.snapshot())
    if (halves.length > 0) throw this.fault(halves.join('\n'))
  }

  /** Holds the targets against those of an undisturbed run; `answer` is that of the resume, if there was one. Throws what differs. */
  async judge(answer: Answer | undefined): Promise<void> {
    const status = answer === undefined ? this.#place.lastEnd() : 'status' in answer ? answer.status : JSON.stringify(answer)
    const found = await this.#place.snapshot()
    const [expected, targets] =
      this.#lost === undefined ? [this.#flow.targets, found] : [withoutUnsaid(this.#flow.targets), withoutUnsaid(found)]
    const faults = [
      ...(status === this.#flow.status ? [] : [`it ended as ${status}, not as ${this.#flow.status}`]),
      ...listDifferences(expected, targets),
      ...(answer !== undefined && status === 'completed' ? this.#place.leftovers().map((name) => `${name} was left`) : []),
      ...(this.#place.begunIds().length === 1 ? [] : [`its runs: ${this.#place.begunIds()}`]),
    ]
    if (faults.length > 0) throw new Error([`${this.#name()}: ${faults.join('\n')}`, JSON.stringify(answer), this.#evidence()].join('\n'))
    await this.#place.remove()
  }

  /** For a process that ended otherwise than it was told to. */
  fault(what: string): Error {
    return new Error(`${this.#name()}: ${what}\n${this.#evidence()}`)
  }

  #name(): string {
    return `${this.#flow.name}, killed ${this.#deaths.join(', then ')}`
  }

  #evidence(): string {
    const lost = this.#lost === undefined ? [] : ['What power cuts took:', ...this.#lost]
    return [this.#place.folder, ...lost, this.#place.journals(), this.#flow.flow.text].join('\n')
  }
}

/** Targets that are neither as they were nor as they are to be. What is appended to is whole only when a commit has been finished. */
export function listHalves({ before, targets }: FaultFlow, found: Snapshot): string[] {
  return Object.entries(found).flatMap(([name, content]) =>
    /^((grown|ran|ticks)\/|(one|two)\.)/.test(name) || /(^|\/)\./.test(name) || content === before[name] || content === targets[name]
      ? []
      : [`${name} is neither old nor new: ${JSON.stringify(content)}`],
  )
}

/**
 * What is promised of targets after a power cut. What is staged is noted before and not flushed: the file may be left and the note gone;
 * and nobody flushes for a command what it writes.
 */
export function withoutUnsaid(snapshot: Snapshot): Snapshot {
  return Object.fromEntries(Object.entries(snapshot).filter(([name]) => !/(^|\/)\.|^ran\//.test(name)))
}

/** What two listings differ in, in words. */
export function listDifferences(expected: Snapshot, found: Snapshot): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])]
  return names.flatMap((name) =>
    isDeepStrictEqual(expected[name], found[name])
      ? []
      : [`${name} holds ${JSON.stringify(found[name])}\n  and not ${JSON.stringify(expected[name])}`],
  )
}
