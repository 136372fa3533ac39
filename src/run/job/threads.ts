import type { Settings } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { readMachine } from './machine.js'

/** Bound on the nodes that run at once: as given, else the flow's, else PYPELINE_THREADS, else twice the CPUs. */
export function chooseThreads(given: number | undefined, settings: Settings, env: { readonly [name: string]: string | undefined }): number {
  return given ?? settings.threads ?? readThreads(env) ?? 2 * readMachine().cpus
}

function readThreads(env: { readonly [name: string]: string | undefined }): number | undefined {
  const text = env.PYPELINE_THREADS
  if (text === undefined || text === '') return undefined
  const threads = Number(text)
  if (Number.isInteger(threads) && threads >= 1) return threads
  throw new PypeError('USAGE', `PYPELINE_THREADS=${text} is not a whole number of at least 1.`, { hint: 'e.g. PYPELINE_THREADS=8' })
}
