import type { ConnectionSpec } from '../../database/database.js'
import type { Job } from '../job/load-job.js'

/** The run-time parameters of the sessions of a job: its time zone, and who the server says it is connected with. */
export function sessionParameters({ metadata }: Job, runId?: string): ConnectionSpec['options'] {
  return { TimeZone: metadata.settings.time_zone, application_name: runId === undefined ? 'pype' : `pype ${runId}` }
}
