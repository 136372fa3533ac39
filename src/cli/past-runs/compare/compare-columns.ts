import type { Column } from '../../../sdk/relation.js'

/** How the columns of the rows at a port differ between two runs. */
export interface ColumnDiff {
  /** `node.port`. */
  readonly port: string
  readonly added: readonly Column[]
  readonly removed: readonly Column[]
  readonly retyped: readonly { readonly name: string; readonly a: string; readonly b: string }[]
  /** The columns that both have come in another order. */
  readonly is_reordered: boolean
}

type ColumnsByPort = { readonly [port: string]: readonly Column[] }

/** The ports of which both runs have recorded columns, and these differ. */
export function compareColumns(a: ColumnsByPort, b: ColumnsByPort): readonly ColumnDiff[] {
  return Object.keys(b)
    .flatMap((port) => {
      const [before, after] = [a[port], b[port]]
      return before === undefined || after === undefined ? [] : [comparePort(port, before, after)]
    })
    .filter(({ added, removed, retyped, is_reordered }) => added.length + removed.length + retyped.length > 0 || is_reordered)
}

function comparePort(port: string, before: readonly Column[], after: readonly Column[]): ColumnDiff {
  const types = new Map(before.map(({ name, type }) => [name, type]))
  const names = new Set(after.map(({ name }) => name))
  const order = (columns: readonly Column[]) => columns.map(({ name }) => name).filter((name) => names.has(name) && types.has(name))
  return {
    port,
    added: after.filter(({ name }) => !types.has(name)),
    removed: before.filter(({ name }) => !names.has(name)),
    retyped: after.flatMap(({ name, type }) => {
      const old = types.get(name)
      return old === undefined || old === type ? [] : [{ name, a: old, b: type }]
    }),
    is_reordered: order(before).some((name, i) => name !== order(after)[i]),
  }
}
