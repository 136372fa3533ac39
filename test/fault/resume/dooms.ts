import type { Random } from '../interrupt/random.js'
import type { FaultFlow } from './fault-flow.js'
import type { Doom } from './survive.js'

/** A kill at every point of a flow. */
export function* doomEverywhere(flow: FaultFlow): Generator<Doom> {
  for (let at = 1; at <= flow.points; at++) yield { flow, stops: [{ at }] }
}

/** Kills all over a flow; every second run is killed a second time, while it is resumed. */
export function* doomSomewhere(flow: FaultFlow, runs: number, random: Random): Generator<Doom> {
  for (let i = 0; i < runs; i++) {
    const first = 1 + Math.floor(((i + random.next()) / runs) * flow.points)
    const left = Math.max(1, flow.points - first)
    yield { flow, stops: i % 2 === 0 ? [{ at: first }] : [{ at: first }, { at: random.int(1, Math.ceil(left * 0.8)) }] }
  }
}
