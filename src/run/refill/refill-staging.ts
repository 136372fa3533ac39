import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import type { Database } from '../../database/database.js'
import type { Connection, Cursor, DatabaseSession, DatabaseSnapshot, DatabaseTransaction } from '../../sdk/database.js'
import type { SubFlowTransaction } from '../checkpoint/databases/sub-flow-transaction.js'
import type { Staging } from '../execution/staging.js'
import type { Refill } from './refill.js'

/** What a sink that is run again writes to. */
export interface RefillTargets {
  readonly databaseOf: (connection: Connection) => Database
  /** The transaction on the database that is filled; a sink's part on any other has been done, and is thrown away. */
  readonly transaction: SubFlowTransaction
  /** Opens a transaction that is never committed. */
  readonly openIdle: (database: Database) => SubFlowTransaction
  /** For files that a sink writes beside: those that count are in place. */
  readonly scratchFolder: string
}

/** The staging of a sink that is run again for one database: all else that it does was done the first time. */
export class RefillStaging implements Staging {
  readonly #refill: Refill
  readonly #targets: RefillTargets
  readonly #idle = new Map<Database, SubFlowTransaction>()
  #files = 0

  constructor(refill: Refill, targets: RefillTargets) {
    this.#refill = refill
    this.#targets = targets
  }

  async transaction(node: string, connection: Connection): Promise<DatabaseTransaction> {
    const transaction = this.#transactionOn(this.#targets.databaseOf(connection))
    return {
      perform: (work) => transaction.perform(node, work),
      // It was checked before the rows were written for the first time.
      append: async () => {},
      finally: (work) => transaction.finally({ node, position: 0, work }),
    }
  }

  #transactionOn(database: Database): SubFlowTransaction {
    const { transaction, openIdle } = this.#targets
    if (transaction.database === database) return transaction
    const idle = this.#idle.get(database) ?? openIdle(database)
    this.#idle.set(database, idle)
    return idle
  }

  /** Rolls back what counts for nothing. */
  async close(): Promise<void> {
    for (const transaction of this.#idle.values()) await transaction.rollback()
  }

  async stageFile(): Promise<string> {
    mkdirSync(this.#targets.scratchFolder, { recursive: true })
    return path.join(this.#targets.scratchFolder, `refill-${this.#refill.token}-${this.#files++}`)
  }

  async stageCopy(): Promise<void> {}
  async stageMove(): Promise<void> {}
  async stageDelete(): Promise<void> {}
  actOutside(): void {}
  onCommit(): void {}
  onRollback(): void {}
  enter(): void {}
  leave(): void {}
  freeze(): void {}

  snapshot(node: string): Promise<DatabaseSnapshot> {
    throw new PypeError('MODULE_FAILED', `The sink ${node} reads from a database: it cannot be run again on the same rows.`, { node })
  }

  session(node: string): Promise<DatabaseSession & { close(): Promise<void> }> {
    throw new PypeError('MODULE_FAILED', `The sink ${node} acts outside of its transaction: it cannot be run again on the same rows.`, {
      node,
    })
  }

  cursor(node: string): Cursor {
    const refuse = () => {
      throw new PypeError('MODULE_FAILED', `The sink ${node} has no cursor.`, { node })
    }
    return { read: refuse, move: refuse }
  }

  tokenOf(): string {
    return this.#refill.token
  }
}
