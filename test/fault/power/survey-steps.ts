import path from 'node:path'
import type { FaultFlow } from '../resume/fault-flow.js'
import { Place } from '../resume/place.js'
import { Tables } from '../resume/tables.js'
import { runWorker, type Worker } from '../resume/worker-process.js'
import type { Step } from './powered-place.js'

let count = 0

/** The steps of an undisturbed run, and what a power cut could take at each. */
export async function surveySteps({ name, flow, job }: FaultFlow, folder: string, worker: Worker): Promise<readonly Step[]> {
  const { server } = worker
  const tables = server === undefined ? undefined : new Tables(server, `surveyed_${++count}`)
  const place = await Place.create(path.join(folder, 'surveyed'), flow.files, tables)
  const { answers, stderr } = await runWorker(worker, { tasks: [place.task(job, false)], surveys: true })
  const [answer] = answers
  if (answer === undefined || !('steps' in answer)) throw new Error(`${name} cannot be surveyed: ${JSON.stringify(answer)} ${stderr}`)
  await place.remove()
  return answer.steps
}
