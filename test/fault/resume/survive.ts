import path from 'node:path'
import { Random } from '../interrupt/random.js'
import { doomSomewhere } from './dooms.js'
import { type FaultFlow, prepareDrawn } from './fault-flow.js'
import { Tables } from './tables.js'
import { Victim } from './victim.js'
import type { Stop } from './worker/fault-points.js'
import { runWorker, type Worker } from './worker-process.js'

/** A run of a flow, and the points at which its processes are killed, one after the other. */
export interface Doom {
  readonly flow: FaultFlow
  readonly stops: readonly Stop[]
}

type Numbered = Doom & { readonly index: number }

/** What was survived. */
export interface Survival {
  readonly kills: number
  /** How many kills there were at each kind of step. */
  readonly steps: ReadonlyMap<string, number>
}

/** Runs, kills, resumes and judges all that is doomed, on so many lanes at once. Throws at the first run that does not end as if undisturbed. */
export async function survive(dooms: Iterable<Doom>, folder: string, worker: Worker, lanes = 2): Promise<Survival> {
  const steps = new Map<string, number>()
  const queue = numbered(dooms)
  const onKill = (point: string) => {
    const step = point.replace(/^(before|in the middle of) /, '').replace(/^((append|database) \w+|\w+).*/, '$1')
    steps.set(step, (steps.get(step) ?? 0) + 1)
  }
  const ended = await Promise.allSettled(Array.from({ length: lanes }, () => new Lane(folder, worker, onKill).work(queue)))
  for (const lane of ended) if (lane.status === 'rejected') throw lane.reason
  return { kills: [...steps.values()].reduce((sum, count) => sum + count, 0), steps }
}

/** How random flows are drawn, and until how many kills. */
export interface DrawnFlows {
  readonly kills: number
  readonly seed: number
  readonly folder: string
  readonly worker: Worker
  /** Called after each flow. */
  readonly onFlow?: (kills: number) => void
}

/** Runs that are killed in each random flow. */
const RUNS = 12

/** Draws flow after flow until there were enough kills. */
export async function surviveDrawn({ kills, seed, folder, worker, onFlow }: DrawnFlows): Promise<Survival> {
  const steps = new Map<string, number>()
  let survived = 0
  for (let next = seed; survived < kills; next++) {
    const own = path.join(folder, String(next))
    const flow = await prepareDrawn(next, own, worker)
    const survival = await survive(doomSomewhere(flow, RUNS, new Random(next)), own, worker)
    survived += survival.kills
    for (const [step, count] of survival.steps) steps.set(step, (steps.get(step) ?? 0) + count)
    onFlow?.(survived)
  }
  return { kills: survived, steps }
}

/** Of the places with tables. */
let count = 0

/** One process at a time. Each ends what the one before left behind, and then begins something and is killed. */
class Lane {
  readonly #folder: string
  readonly #worker: Worker
  readonly #onKill: (point: string) => void
  #pending: Victim | undefined

  constructor(folder: string, worker: Worker, onKill: (point: string) => void) {
    this.#folder = folder
    this.#worker = worker
    this.#onKill = onKill
  }

  async work(queue: Generator<Numbered, undefined>): Promise<void> {
    try {
      for (let next = queue.next(); !next.done; next = queue.next()) await this.#doom(next.value)
      await this.#finish(this.#pending)
    } catch (error) {
      // The other lanes have nothing to go on for.
      queue.return(undefined)
      throw error
    }
  }

  #tables(): Tables | undefined {
    const { server } = this.#worker
    return server === undefined ? undefined : new Tables(server, `place_${++count}`)
  }

  async #doom({ flow, stops, index }: Numbered): Promise<void> {
    const victim = await Victim.create(flow, path.join(this.#folder, `victim-${index}`), this.#tables())
    for (const stop of stops) if (!(await this.#kill(victim, stop))) break
    this.#pending = victim
  }

  /** Whether it was killed: it may have ended before it came to the point. */
  async #kill(victim: Victim, stop: Stop): Promise<boolean> {
    const before = this.#pending
    this.#pending = undefined
    const own = victim.nextTask()
    if (own === undefined) return false
    const rest = before?.nextTask()
    const { answers, signal, code, stderr } = await runWorker(this.#worker, {
      tasks: rest === undefined ? [own] : [rest, own],
      stop,
    })
    await before?.judge(rest === undefined ? undefined : answers[0])
    const last = answers[rest === undefined ? 0 : 1]
    if (last === undefined || 'refused' in last)
      throw victim.fault(`its process ended with ${signal ?? code}: ${JSON.stringify(last)} ${stderr}`)
    if (!('killed' in last)) return false
    await victim.die(last.killed, stop.power)
    this.#onKill(last.killed)
    return true
  }

  async #finish(victim: Victim | undefined): Promise<void> {
    if (victim !== undefined) await finish(victim, this.#worker)
  }
}

/** Resumes a run to its end and judges it. */
export async function finish(victim: Victim, worker: Worker): Promise<void> {
  const task = victim.nextTask()
  const answers = task === undefined ? [] : (await runWorker(worker, { tasks: [task] })).answers
  await victim.judge(answers[0])
}

function* numbered(dooms: Iterable<Doom>): Generator<Numbered, undefined> {
  let index = 0
  for (const doom of dooms) yield { ...doom, index: index++ }
  return undefined
}
