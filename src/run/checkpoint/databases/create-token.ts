import { randomBytes } from 'node:crypto'
import type { CommitToken, Database } from '../../../database/database.js'
import type { TokenTables } from './token-tables.js'

/** What a token says of its commit. */
export type TokenOwner = Pick<CommitToken, 'run' | 'subFlow' | 'frame'>

/** A token that no other commit has; its table is made sure of. */
export async function createToken(database: Database, owner: TokenOwner, tables: TokenTables): Promise<CommitToken> {
  return { id: randomBytes(16).toString('hex'), ...owner, table: await tables.nameOf(database) }
}
