import type { PreparedRun } from '../prepare-run.js'
import { RunSecrets } from './run-secrets.js'

/** The secrets of a run that is prepared, none of them read yet. */
export function createSecrets({ context, options, cwd }: PreparedRun): RunSecrets {
  return new RunSecrets({ settings: context.values.secrets, env: options.env, cwd })
}
