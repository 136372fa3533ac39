import { PypeError } from '../../../core/errors.js'
import type { CommitToken, Database, SealedConnection } from '../../../database/database.js'
import type { Connection, DatabaseSession, DatabaseSnapshot, DatabaseTransaction } from '../../../sdk/database.js'
import type { OpenCursorPlace, SubFlowCursors } from '../cursors/sub-flow-cursors.js'
import { createToken, type TokenOwner } from './create-token.js'
import { SubFlowTransaction } from './sub-flow-transaction.js'
import type { TokenTables } from './token-tables.js'
import { Turns } from './turns.js'

/** The databases that the connections of a run lead to; equal connections lead to one. */
export interface RunDatabases {
  databaseOf(connection: Connection): Database
  sealedOf(connection: Connection): SealedConnection
}

/** A transaction that is ready to commit. */
export interface ReadyTransaction {
  readonly transaction: SubFlowTransaction
  readonly token: CommitToken
  readonly connection: SealedConnection
  /** Rows go behind those that a table has. */
  readonly appends: boolean
  /** The nodes that have written in it, in order of declaration. */
  readonly nodes: readonly string[]
}

interface Open {
  readonly transaction: SubFlowTransaction
  readonly connection: Connection
  readonly nodes: Set<string>
}

/** What the databases of an attempt of a sub flow stand on. */
export interface SubFlowDatabasesDeps {
  readonly databases: RunDatabases
  readonly tables: TokenTables
  readonly owner: TokenOwner
  /** Position of a node in the order of declaration. */
  readonly positionOf: (node: string) => number
  readonly cursors: SubFlowCursors
}

/** What an attempt of a sub flow has open on databases. */
export class SubFlowDatabases {
  readonly #databases: RunDatabases
  readonly #tables: TokenTables
  readonly #owner: TokenOwner
  readonly #positionOf: (node: string) => number
  readonly #cursors: SubFlowCursors
  readonly #turns = new Turns()
  readonly #open = new Map<Database, Open>()
  readonly #snapshots = new Map<Database, Promise<DatabaseSnapshot & { close(): Promise<void> }>>()

  constructor({ databases, tables, owner, positionOf, cursors }: SubFlowDatabasesDeps) {
    this.#databases = databases
    this.#tables = tables
    this.#owner = owner
    this.#positionOf = positionOf
    this.#cursors = cursors
  }

  enter(node: string, connections: readonly Connection[]): void {
    this.#turns.enter(
      node,
      this.#positionOf(node),
      connections.map((connection) => this.#databases.databaseOf(connection)),
    )
  }

  leave(node: string): void {
    this.#turns.leave(node)
  }

  /** A node's part of the transaction on a connection, which begins with the first part. */
  transaction(node: string, connection: Connection, signal: AbortSignal): DatabaseTransaction {
    const database = this.#databases.databaseOf(connection)
    const open = this.#open.get(database) ?? { transaction: this.#newTransaction(database, signal), connection, nodes: new Set() }
    this.#open.set(database, open)
    const { transaction, nodes } = open
    nodes.add(node)
    return {
      perform: async (work) => {
        await this.#turns.wait(node, database)
        return transaction.perform(node, work)
      },
      append: async (table, hasRows) => {
        transaction.appends = true
        await this.#cursors.run.checkAppend(node, `${table} in ${connection.label}`, hasRows)
      },
      finally: (work) => transaction.finally({ node, position: this.#positionOf(node), work }),
    }
  }

  #newTransaction(database: Database, signal: AbortSignal): SubFlowTransaction {
    return new SubFlowTransaction(database, () => createToken(database, this.#owner, this.#tables), signal)
  }

  session(connection: Connection, signal: AbortSignal): Promise<DatabaseSession & { close(): Promise<void> }> {
    return this.#databases.databaseOf(connection).session(signal)
  }

  /** The one snapshot that the sources of the sub flow have of a database. */
  snapshot(connection: Connection, signal: AbortSignal): Promise<DatabaseSnapshot> {
    const database = this.#databases.databaseOf(connection)
    const known = this.#snapshots.get(database)
    if (known !== undefined) return known
    const snapshot = database.snapshot(signal)
    this.#snapshots.set(database, snapshot)
    return snapshot
  }

  /** Where a database keeps cursors, which move with the transaction on it. */
  async openCursorPlace(node: string, connection: Connection, signal: AbortSignal): Promise<OpenCursorPlace> {
    this.transaction(node, connection, signal)
    const database = this.#databases.databaseOf(connection)
    return { kind: 'database', database, table: await this.#tables.nameOf(database) }
  }

  /** Ends what was read, and brings all transactions to where nothing but the commit is left to do. */
  async prepare(): Promise<ReadyTransaction[]> {
    await this.#closeSnapshots()
    const ready: ReadyTransaction[] = []
    for (const { transaction, connection, nodes } of this.#open.values()) {
      const moves = this.#cursors.moves((place) => place.kind === 'database' && place.database === transaction.database)
      if (transaction.isIdle && moves.length === 0) continue
      const token = await transaction.prepare(moves).catch((error: unknown) => {
        throw nameNode(error, nodes)
      })
      ready.push({
        transaction,
        token,
        connection: this.#databases.sealedOf(connection),
        appends: transaction.appends,
        nodes: this.#inOrder(nodes),
      })
    }
    return ready
  }

  #inOrder(nodes: Iterable<string>): string[] {
    return [...nodes].sort((a, b) => this.#positionOf(a) - this.#positionOf(b))
  }

  async rollback(): Promise<void> {
    for (const { transaction } of this.#open.values()) await transaction.rollback()
    await this.#closeSnapshots()
  }

  async #closeSnapshots(): Promise<void> {
    const snapshots = await Promise.allSettled(this.#snapshots.values())
    this.#snapshots.clear()
    for (const snapshot of snapshots) if (snapshot.status === 'fulfilled') await snapshot.value.close()
  }
}

/** What a database says at the end of a transaction is about the node that wrote in it, if there is only one. */
function nameNode(error: unknown, nodes: ReadonlySet<string>): unknown {
  const [node, ...more] = nodes
  return error instanceof PypeError && more.length === 0 && node !== undefined ? error.with({ node }) : error
}
