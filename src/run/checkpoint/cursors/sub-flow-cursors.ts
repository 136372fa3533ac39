import { PypeError } from '../../../core/errors.js'
import type { CursorMove, Database } from '../../../database/database.js'
import type { RunCursors } from './run-cursors.js'
import { readStateFile } from './state-file.js'

/** Where a cursor is kept, and when it moves: with the commit of its sub flow in the sinks' one database, with that commit in a file, or in a file at the end of the run. */
export type CursorKeeper =
  | { readonly kind: 'database'; readonly database: Database; readonly table: string }
  | { readonly kind: 'file' | 'run' }

interface Opened {
  readonly keeper: CursorKeeper
  readonly from: string | undefined
  to?: string
}

/** The cursors of the incremental sources in one attempt of a sub flow. */
export class SubFlowCursors {
  readonly run: RunCursors
  readonly #opened = new Map<string, Opened>()

  constructor(run: RunCursors) {
    this.run = run
  }

  async read(node: string, keeper: CursorKeeper, again: boolean): Promise<string | undefined> {
    const from =
      keeper.kind === 'database'
        ? await keeper.database.readCursor(keeper.table, this.run.nameOf(node))
        : readStateFile(this.run.fileOf(node))
    this.#opened.set(node, { keeper, from })
    this.run.begin(node, from, again)
    return from
  }

  move(node: string, to: string): void {
    const opened = this.#opened.get(node)
    if (opened !== undefined) opened.to = to
    else throw new PypeError('MODULE_FAILED', `The node ${node} moved its cursor before it had read it.`, { node })
  }

  /** The moves of those that are kept in a certain way. */
  moves(isKept: (keeper: CursorKeeper) => boolean): CursorMove[] {
    return [...this.#opened].flatMap(([node, { keeper, from, to }]) =>
      to === undefined || !isKept(keeper) ? [] : [{ ...this.run.nameOf(node), from: from ?? null, to }],
    )
  }
}
