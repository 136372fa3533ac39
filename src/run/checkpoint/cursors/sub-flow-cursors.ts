import { PypeError } from '../../../core/errors.js'
import type { CursorMove, CursorUse, Database } from '../../../database/database.js'
import { checkCursorUse } from './check-cursor-use.js'
import type { RunCursors } from './run-cursors.js'
import { readStateFile } from './state-file.js'

/** Where a cursor is kept, and when it moves: with the commit of its sub flow in the sinks' one database, with that commit in a file, or in a file at the end of the run. */
export type CursorKeeper =
  | { readonly kind: 'database'; readonly database: Database; readonly table: string }
  | { readonly kind: 'file' | 'run' }

interface Opened {
  readonly keeper: CursorKeeper
  readonly from: string | undefined
  readonly use: CursorUse
  to?: string
}

/** The cursors of the incremental sources in one attempt of a sub flow. */
export class SubFlowCursors {
  readonly run: RunCursors
  readonly #opened = new Map<string, Opened>()

  constructor(run: RunCursors) {
    this.run = run
  }

  /** Throws CURSOR_OTHER when the cursor that is kept stands for another source, or for other targets. */
  async read(node: string, keeper: CursorKeeper, again: boolean, use: CursorUse): Promise<string | undefined> {
    const name = this.run.nameOf(node)
    const kept = keeper.kind === 'database' ? await keeper.database.readCursor(keeper.table, name) : readStateFile(this.run.fileOf(node))
    if (kept !== undefined) {
      checkCursorUse(node, kept, use, () =>
        keeper.kind === 'database' ? keeper.database.placeOfCursor(keeper.table, name) : this.run.fileOf(node),
      )
    }
    const from = kept?.value
    this.#opened.set(node, { keeper, from, use })
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
    return [...this.#opened].flatMap(([node, { keeper, from, to, use }]) =>
      to === undefined || !isKept(keeper) ? [] : [{ ...this.run.nameOf(node), from: from ?? null, to, ...use }],
    )
  }
}
