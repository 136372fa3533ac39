import type { ConnectionSpec, Database } from '../../../src/database/database.js'
import { openPostgres } from '../../../src/database/postgres/postgres.js'
import { SubFlowStaging } from '../../../src/run/checkpoint/commit/staging.js'
import type { SettleDatabases } from '../../../src/run/checkpoint/databases/settle-databases.js'
import type { RunDatabases } from '../../../src/run/checkpoint/databases/sub-flow-databases.js'
import type { Disk } from '../../../src/run/checkpoint/files/disk.js'
import { claimLeftovers } from '../../../src/run/checkpoint/settle/leftovers.js'
import { settleLeftovers } from '../../../src/run/checkpoint/settle/settle-leftovers.js'
import type { Connection } from '../../../src/sdk/database.js'
import { CommitPlace } from '../checkpoint/commit-fixture.js'

const NEVER = new AbortController().signal

/** Runs that commit on databases. */
export class DatabasePlace extends CommitPlace {
  readonly #databases = new Map<Connection, Database>()
  readonly #byLabel = new Map<string, Connection>()

  connection(spec: ConnectionSpec): Connection {
    const label = `postgres://${spec.user}@${spec.host}:${spec.port}/${spec.database}`
    const connection: Connection = { kind: 'connection', system: 'postgres', label }
    this.#databases.set(connection, openPostgres(spec))
    this.#byLabel.set(label, connection)
    return connection
  }

  readonly databases: RunDatabases & SettleDatabases = {
    databaseOf: (connection) => this.databaseOf(connection),
    sealedOf: ({ label }) => ({ label, written: null }),
    refill: () => Promise.reject(new Error('nothing to refill from')),
    open: async ({ label }) => this.databaseOf(this.#byLabel.get(label)),
  }

  databaseOf(connection: Connection | undefined): Database {
    const database = connection === undefined ? undefined : this.#databases.get(connection)
    if (database === undefined) throw new Error('There is no such database.')
    return database
  }

  override staging(name = 'a', disk?: Disk): SubFlowStaging {
    return new SubFlowStaging({ ...this.deps(disk), databases: this.databases }, name, [], 1)
  }

  /** Settles what the run has left, as the next start does. */
  async settle(): Promise<void> {
    const { leftovers } = await claimLeftovers(this.runs)
    await settleLeftovers(leftovers, { disk: this.deps().disk, databases: this.databases, emit: () => {}, now: () => new Date() })
  }

  async close(): Promise<void> {
    for (const database of this.#databases.values()) await database.close()
    this.remove()
  }
}

/** A node's part: one statement in the transaction of the sub flow. */
export async function execute(staging: SubFlowStaging, node: string, connection: Connection, statement: string): Promise<void> {
  const transaction = await staging.transaction(node, connection, NEVER)
  await transaction.perform(async (session) => session.script(statement))
}
