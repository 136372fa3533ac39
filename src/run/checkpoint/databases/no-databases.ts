import { PypeError } from '../../../core/errors.js'
import type { SettleDatabases } from './settle-databases.js'
import type { RunDatabases } from './sub-flow-databases.js'

function refuse(): never {
  throw new PypeError('INTERNAL', 'A commit names a database, and there is none.')
}

/** For commits of files alone. */
export const NO_DATABASES: RunDatabases & SettleDatabases & { close(): Promise<void> } = {
  databaseOf: refuse,
  sealedOf: refuse,
  open: refuse,
  refill: refuse,
  close: async () => {},
}
