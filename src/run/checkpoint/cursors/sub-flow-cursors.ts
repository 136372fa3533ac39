import { PypeError } from '../../../core/errors.js'
import type { CursorMove, CursorUse, Database } from '../../../database/database.js'
import { checkCursorUse } from './check-cursor-use.js'
import type { RunCursors } from './run-cursors.js'
import { readStateFile } from './state-file.js'

/** A `CursorPlace` whose database is known, with the table in it. */
export type OpenCursorPlace =
  | { readonly kind: 'database'; readonly database: Database; readonly table: string }
  | { readonly kind: 'file' | 'run' }

interface Opened {
  readonly place: OpenCursorPlace
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
  async read(node: string, place: OpenCursorPlace, again: boolean, use: CursorUse): Promise<string | undefined> {
    const name = this.run.nameOf(node)
    const kept = place.kind === 'database' ? await place.database.readCursor(place.table, name) : readStateFile(this.run.fileOf(node))
    if (kept !== undefined) {
      checkCursorUse(node, kept, use, () =>
        place.kind === 'database' ? place.database.placeOfCursor(place.table, name) : this.run.fileOf(node),
      )
    }
    const from = kept?.value
    this.#opened.set(node, { place, from, use })
    this.run.begin(node, from, again)
    return from
  }

  move(node: string, to: string): void {
    const opened = this.#opened.get(node)
    if (opened !== undefined) opened.to = to
    else throw new PypeError('MODULE_FAILED', `The node ${node} moved its cursor before it had read it.`, { node })
  }

  /** The moves of those that are kept in a certain way. */
  moves(isMeant: (place: OpenCursorPlace) => boolean): CursorMove[] {
    return [...this.#opened].flatMap(([node, { place, from, to, use }]) =>
      to === undefined || !isMeant(place) ? [] : [{ ...this.run.nameOf(node), from: from ?? null, to, ...use }],
    )
  }
}
