import path from 'node:path'
import { Random } from '../interrupt/random.js'
import { buildDrawn, type DrawnFlow, drawFlow } from './draw-flow.js'
import { Place, type Snapshot } from './place.js'
import { Tables } from './tables.js'
import { runWorker, type Worker } from './worker-process.js'

/** A job, and what an undisturbed run of it comes to. */
export interface FaultFlow {
  /** For messages: how to have it again. */
  readonly name: string
  readonly flow: DrawnFlow
  readonly job: string
  readonly status: string
  readonly targets: Snapshot
  /** What lies there before the first run. */
  readonly before: Snapshot
  /** Number of points at which a run of it can be killed. */
  readonly points: number
}

/** Draws, builds and runs the flow of a seed; one that the build refuses gives way to the next draw. */
export async function prepareDrawn(seed: number, folder: string, worker: Worker): Promise<FaultFlow> {
  const random = new Random(seed)
  for (;;) {
    const flow = drawFlow(random, { databases: worker.server !== undefined })
    const job = await buildDrawn(flow, path.join(folder, `flow-${seed}`))
    if (job !== undefined) return prepare(`PYPE_SEED=${seed}`, flow, job, path.join(folder, `flow-${seed}`), worker)
  }
}

/** Builds and runs a flow that is written. */
export async function prepareBuilt(name: string, flow: DrawnFlow, folder: string, worker: Worker): Promise<FaultFlow> {
  const job = await buildDrawn(flow, folder)
  if (job === undefined) throw new Error(`${name} cannot be built.`)
  return prepare(name, flow, job, folder, worker)
}

let count = 0

async function prepare(name: string, flow: DrawnFlow, job: string, folder: string, worker: Worker): Promise<FaultFlow> {
  const place = await Place.create(
    path.join(folder, 'undisturbed'),
    flow.files,
    worker.server === undefined ? undefined : new Tables(worker.server, `undisturbed_${++count}`),
  )
  const before = await place.snapshot()
  const { answers, stderr } = await runWorker(worker, { tasks: [place.task(job, false)] })
  const [answer] = answers
  if (answer === undefined || !('status' in answer))
    throw new Error(`${name} cannot be run: ${JSON.stringify(answer)} ${stderr}\n${flow.text}`)
  const strange = answer.errors.filter((error) => !/^(FAILED_BY_FLOW|COMMAND_FAILED)/.test(error))
  // What was to run and fails would run again in each resume.
  if (strange.length > 0) throw new Error(`${name} was not to fail: ${strange.join('\n')}\n${flow.text}`)
  const targets = await place.snapshot()
  await place.remove()
  return { name, flow, job, status: answer.status, points: answer.points, targets, before }
}
