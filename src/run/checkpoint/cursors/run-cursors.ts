import { describeReadAgain } from '../../../core/cursor-faults.js'
import { PypeError } from '../../../core/errors.js'
import type { CursorMove, CursorName } from '../../../database/database.js'
import { stateFileOf } from './state-file.js'

/** What the cursors of a run stand on. */
export interface RunCursorsDeps {
  readonly job: string
  /** The name of the context. */
  readonly context: string
  /** Absolute. */
  readonly runsFolder: string
  /** The nodes whose rows reach a node, directly or through others. */
  readonly nodesBefore: (node: string) => ReadonlySet<string>
  /** Moves that an earlier process of the run has left for its end. */
  readonly pending: Iterable<CursorMove>
  /** Nodes of sub flows that have added rows to targets in an earlier process of the run. */
  readonly appended: ReadonlySet<string>
}

/** What is known of the cursors of a run beyond the attempt of one sub flow. */
export class RunCursors {
  readonly #deps: RunCursorsDeps
  /** Nodes that read everything, since they found no cursor. */
  readonly #startsAnew = new Set<string>()
  /** Nodes that read rows again which an earlier run has read. */
  readonly #readsAgain = new Set<string>()
  readonly #pending = new Map<string, CursorMove>()
  /** Targets that had no rows when the run came to them: what they have since is its own. */
  readonly #begun = new Set<string>()

  constructor(deps: RunCursorsDeps) {
    this.#deps = deps
    for (const move of deps.pending) this.pend(move)
  }

  nameOf(node: string): CursorName {
    return { job: this.#deps.job, context: this.#deps.context, node }
  }

  /** The file of a cursor that no database keeps. */
  fileOf(node: string): string {
    return stateFileOf(this.#deps.runsFolder, this.nameOf(node))
  }

  /** Notes how a node begins to read; what an earlier attempt has left for the end of the run is void. */
  begin(node: string, from: string | undefined, again: boolean): void {
    this.#pending.delete(node)
    change(this.#startsAnew, node, from === undefined)
    change(this.#readsAgain, node, again)
  }

  /** Keeps a move for the end of the run. */
  pend(move: CursorMove): void {
    this.#pending.set(move.node, move)
    change(this.#startsAnew, move.node, move.from === null)
  }

  get pending(): readonly CursorMove[] {
    return [...this.#pending.values()]
  }

  /**
   * To be called before a node adds rows to those of a target, which is named as no other one is. Throws CURSOR_MISSING when its rows are all that a source has and the
   * target has some, and CONFIG_INVALID when some of them were read before.
   */
  async checkAppend(node: string, target: string, hasRows: () => boolean | Promise<boolean>): Promise<void> {
    const before = this.#deps.nodesBefore(node)
    const again = [...this.#readsAgain].find((source) => before.has(source))
    if (again !== undefined) {
      const { message, hint } = describeReadAgain(again, node, target)
      throw new PypeError('CONFIG_INVALID', message, { node, hint })
    }
    const anew = [...this.#startsAnew].find((source) => before.has(source))
    if (anew === undefined || this.#begun.has(target) || this.#hasAppended(anew)) return
    if (!(await hasRows())) {
      this.#begun.add(target)
      return
    }
    throw new PypeError('CURSOR_MISSING', `${anew} has no cursor and reads everything, and ${target} has rows that would be there twice.`, {
      node,
      hint: `empty ${target} and whatever else the rows of ${anew} are added to, or use mode: upsert for the first run. A cursor is kept for each job, context and node: one that was renamed has none`,
    })
  }

  /** Whether an earlier process of the run has added rows of a source somewhere. */
  #hasAppended(source: string): boolean {
    return [...this.#deps.appended].some((node) => this.#deps.nodesBefore(node).has(source))
  }
}

function change(set: Set<string>, node: string, isIn: boolean): void {
  if (isIn) set.add(node)
  else set.delete(node)
}
