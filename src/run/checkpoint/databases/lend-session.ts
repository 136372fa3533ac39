import { PypeError } from '../../../core/errors.js'
import type { DatabaseSession } from '../../../sdk/database.js'

/** Gives a session to a node's work; it is of no use to the node when the work has ended, since another one's may be going on. */
export async function lendSession<T>(session: DatabaseSession, node: string, work: (session: DatabaseSession) => Promise<T>): Promise<T> {
  let hasEnded = false
  const lent =
    <Args extends unknown[], R>(operation: (...args: Args) => Promise<R>) =>
    (...args: Args): Promise<R> =>
      hasEnded ? Promise.reject(usedTooLate(node)) : operation(...args)
  try {
    return await work({
      query: lent((text, params) => session.query(text, params)),
      script: lent((text) => session.script(text)),
      copyIn: lent((text, bytes) => session.copyIn(text, bytes)),
      copyOut: lent((text) => session.copyOut(text)),
    })
  } finally {
    hasEnded = true
  }
}

function usedTooLate(node: string): PypeError {
  return new PypeError('MODULE_FAILED', `The node ${node} used a database session after its turn.`, {
    node,
    hint: 'await every statement inside of the function that perform is given',
  })
}
