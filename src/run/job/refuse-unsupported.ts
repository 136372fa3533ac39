import { PypeError } from '../../core/errors.js'
import type { Job } from './load-job.js'

/** The major version of the engine that this version of pype has. */
const ENGINE = { name: 'duckdb', major: 1 }

/** Throws when a job asks for what this version cannot run. */
export function refuseUnsupported({ dag, metadata, name }: Job): void {
  if (dag.engine.name !== ENGINE.name || dag.engine.major !== ENGINE.major) {
    throw new PypeError(
      'JOB_VERSION',
      `The job was built for ${dag.engine.name} ${dag.engine.major}; here is ${ENGINE.name} ${ENGINE.major}.`,
      { hint: 'build the flow again with `pype build FLOW.yaml`' },
    )
  }
  const loop = dag.control.find(({ type }) => type === 'iterate')
  if (loop !== undefined || metadata.scopes.length > 0) {
    const which = loop === undefined ? 'The job has a loop' : `The connection ${loop.from} (${loop.order}|iterate) ${loop.to} is a loop`
    throw new PypeError('VALVE_UNSUPPORTED', `${which}, and this version of pype does not run loops yet.`, {
      ...(loop === undefined ? {} : { at: { file: `${name}.yaml`, ...loop.place } }),
      hint: 'take the iterate connection out; a glob as file_path reads many files at once',
    })
  }
}
