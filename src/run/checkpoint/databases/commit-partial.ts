import { messageOf, PypeError } from '../../../core/errors.js'
import type { SealedConnection } from '../../../database/database.js'

/** One database has committed, and another one cannot. */
export function commitPartial(done: SealedConnection | undefined, missing: SealedConnection, error: unknown): PypeError {
  return new PypeError('COMMIT_PARTIAL', `${done?.label ?? ''} has committed, and ${missing.label} refuses: ${messageOf(error)}`, {
    hint: 'mend the cause; a resume, or the next start of the job, writes the same rows where they are missing',
    ...(error instanceof PypeError && { node: error.node, at: error.at }),
    cause: error,
  })
}
