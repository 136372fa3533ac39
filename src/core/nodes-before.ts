import type { Dag } from './dag.js'
import { groupBy } from './group-by.js'

/** Finds the nodes whose rows reach a node, directly or through others. */
export function findNodesBefore({ data }: Pick<Dag, 'data'>): (node: string) => ReadonlySet<string> {
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
