import type { ClientBase } from 'pg'
import { PypeError } from '../../core/errors.js'

/** SQLSTATE of the notice that a name was cut off. */
const NAME_TOO_LONG = '42622'

/**
 * Sends a statement, and rejects with SQL_INVALID where a name in it is too long: the server only gives notice, and does with another
 * table or column what was meant for this one.
 */
export async function refuseCutNames<T>(client: ClientBase, label: string, send: () => Promise<T>): Promise<T> {
  let cut: string | undefined
  const note = ({ code, message }: { readonly code?: string | undefined; readonly message?: string | undefined }) => {
    if (code === NAME_TOO_LONG) cut ??= message
  }
  client.on('notice', note)
  try {
    const result = await send()
    if (cut === undefined) return result
  } finally {
    client.off('notice', note)
  }
  throw new PypeError('SQL_INVALID', `${label}: a name in the statement is longer than the 63 bytes that PostgreSQL keeps of it: ${cut}.`, {
    hint: 'give it a shorter name',
  })
}
