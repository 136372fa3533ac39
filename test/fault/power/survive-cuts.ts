import type { Random } from '../interrupt/random.js'
import type { FaultFlow } from '../resume/fault-flow.js'
import { type Doom, type Survival, survive } from '../resume/survive.js'
import type { Worker } from '../resume/worker-process.js'
import { chooseCuts } from './choose-cuts.js'
import { surveySteps } from './survey-steps.js'

/** Runs a flow in processes whose machine loses its power, and goes on from what is left; databases keep what they had committed. */
export async function surviveCuts(flow: FaultFlow, folder: string, most: number, random: Random, worker: Worker): Promise<Survival> {
  const steps = await surveySteps(flow, folder, worker)
  return survive(take(chooseCuts(flow, steps, random), most), folder, worker)
}

function* take(dooms: Iterable<Doom>, most: number): Generator<Doom> {
  let count = 0
  for (const doom of dooms) {
    if (count++ >= most) return
    yield doom
  }
}
