import { PypeError } from '../../core/errors.js'
import type { Connection, Cursor, DatabaseSnapshot } from '../../sdk/database.js'
import type { DatabaseConnections } from '../database-connections/database-connections.js'
import type { Staging } from '../execution/staging.js'

/** In the place of a commit: lets nodes read, and refuses all that would change something outside. */
export class PreviewStaging implements Staging {
  readonly #connections: DatabaseConnections
  readonly #snapshots = new Map<Connection, Promise<DatabaseSnapshot & { close(): Promise<void> }>>()
  readonly #undo: (() => void | Promise<void>)[] = []

  constructor(connections: DatabaseConnections) {
    this.#connections = connections
  }

  async stageFile(node: string, target: string): Promise<never> {
    throw refuse(node, `write ${target}`)
  }

  async stageCopy(node: string, _: string, target: string): Promise<never> {
    throw refuse(node, `write ${target}`)
  }

  async stageMove(node: string, source: string): Promise<never> {
    throw refuse(node, `move ${source}`)
  }

  async stageDelete(node: string, target: string): Promise<never> {
    throw refuse(node, `delete ${target}`)
  }

  async transaction(node: string, { label }: Connection): Promise<never> {
    throw refuse(node, `write in ${label}`)
  }

  async session(node: string, { label }: Connection): Promise<never> {
    throw refuse(node, `run statements in ${label} that commit by themselves`)
  }

  actOutside(node: string): void {
    throw refuse(node, 'do what nothing can undo')
  }

  snapshot(_: string, connection: Connection, signal: AbortSignal): Promise<DatabaseSnapshot> {
    const known = this.#snapshots.get(connection)
    if (known !== undefined) return known
    const snapshot = this.#connections.databaseOf(connection).snapshot(signal)
    this.#snapshots.set(connection, snapshot)
    return snapshot
  }

  /** An incremental source is looked at from its start, and its cursor stays where it is. */
  cursor(): Cursor {
    return { read: async () => undefined, move: () => {} }
  }

  onRollback(action: () => void | Promise<void>): void {
    this.#undo.push(action)
  }

  /** Nothing commits. */
  onCommit(): void {}
  enter(): void {}
  leave(): void {}
  freeze(): void {}

  tokenOf(): string {
    return 'preview'
  }

  /** Takes back what nodes have prepared, and ends what they read. */
  async close(): Promise<void> {
    for (const action of this.#undo.splice(0).reverse()) await action()
    const snapshots = await Promise.allSettled(this.#snapshots.values())
    this.#snapshots.clear()
    for (const snapshot of snapshots) if (snapshot.status === 'fulfilled') await snapshot.value.close()
  }
}

function refuse(node: string, what: string): PypeError {
  return new PypeError('PREVIEW_REFUSED', `${node} would ${what}, and a preview changes nothing.`, {
    hint: 'look at a node before it, or run the job',
    node,
  })
}
