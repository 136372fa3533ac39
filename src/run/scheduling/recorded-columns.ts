import type { Column } from '../../sdk/relation.js'

/** Columns by `node.port`. */
type ColumnsByPort = { readonly [port: string]: readonly Column[] }

/** The columns that a process has recorded: the passes of a loop mostly have the same ones, which are recorded once. */
export class RecordedColumns {
  readonly #known = new Map<string, string>()

  /** What is not recorded yet, or is another one by now. */
  keepNew(columns: ColumnsByPort = {}): ColumnsByPort {
    return Object.fromEntries(Object.entries(columns).filter(([port, each]) => this.#known.get(port) !== JSON.stringify(each)))
  }

  /** Takes what was recorded. */
  add(columns: ColumnsByPort = {}): void {
    for (const [port, each] of Object.entries(columns)) this.#known.set(port, JSON.stringify(each))
  }
}
