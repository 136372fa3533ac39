import { PypeError } from '../../core/errors.js'
import { ENGINE } from '../../core/version.js'
import type { Job } from './load-job.js'

/** Throws when a job asks for what this version cannot run. */
export function refuseUnsupported({ dag }: Job): void {
  if (dag.engine.name === ENGINE.name && dag.engine.major === ENGINE.major) return
  throw new PypeError(
    'JOB_VERSION',
    `The job was built for ${dag.engine.name} ${dag.engine.major}; here is ${ENGINE.name} ${ENGINE.major}.`,
    { hint: 'build the flow again with `pype build FLOW.yaml`' },
  )
}
