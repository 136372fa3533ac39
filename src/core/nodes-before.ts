import { groupBy } from './group-by.js'

/** The nodes that a data connection joins. */
interface DataEnds {
  readonly from: string
  readonly to: string
}

/** Finds the nodes whose rows reach a node, directly or through others. */
export function findNodesBefore(data: readonly DataEnds[]): (node: string) => ReadonlySet<string> {
  const into = groupBy(data, ({ to }) => to)
  return (node) => {
    const before = new Set<string>()
    const open = [node]
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const { from } of into.get(id) ?? []) {
        if (before.has(from)) continue
        before.add(from)
        open.push(from)
      }
    }
    return before
  }
}
