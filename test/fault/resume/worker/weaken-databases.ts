import type { CommitToken, Database, OpenDatabase, TokenTransaction } from '../../../../src/database/database.js'
import { bindAll } from './bind-all.js'
import type { Weakness } from './weaken-disk.js'

/** Databases that lack a protection, or are slow to commit. */
export function weakenDatabases(open: OpenDatabase, weakness: Weakness | undefined, slow: boolean): OpenDatabase {
  return (spec) => {
    const database = bindAll(open(spec))
    const begin: Database['begin'] = async (token, signal) => {
      const transaction = bindAll(
        await (weakness?.without === 'first token' ? beginLate(database, token, signal) : database.begin(token, signal)),
      )
      return slow ? { ...transaction, commit: () => commitSlowly(transaction) } : transaction
    }
    return { ...database, begin, ...(weakness?.without === 'token' ? { hasCommitted: async () => false } : {}) }
  }
}

/** With the token as the last statement, and without the lock on it. */
async function beginLate(database: Database, token: CommitToken, signal: AbortSignal): Promise<TokenTransaction> {
  const transaction = bindAll(await database.begin({ ...token, id: `${token.id} of nobody` }, signal))
  const { id, run, subFlow, frame, table } = token
  const note = `INSERT INTO ${table} (id, run, sub_flow, frame) VALUES ($1, $2, $3, $4)`
  const checkConstraints = async () => {
    await transaction.checkConstraints()
    await transaction.query(note, [id, run, subFlow, frame])
  }
  return { ...transaction, checkConstraints }
}

/** A server that has much to write before it has committed: for longer than a resume takes to ask, also on a busy machine. */
async function commitSlowly(transaction: TokenTransaction): Promise<void> {
  await transaction.script('SELECT pg_sleep(6); COMMIT')
  // Of nothing; the connection becomes free.
  await transaction.commit()
}
