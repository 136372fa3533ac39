import type { Dag } from '../../core/dag.js'
import { readNameInFrame } from '../../core/frame.js'
import { formatQuantity } from '../../core/quantity.js'
import type { CompletedRecord, IntentRecord } from '../checkpoint/journal/records.js'

interface Addition {
  readonly subFlow: string
  /** Files, and labels of databases. */
  readonly targets: Set<string>
  /** By node, of those that counted them. */
  readonly rows: Map<string, number>
  /** When the process started that added the first of them, ISO 8601. */
  readonly since: string
}

/** What a run has added to targets that had something already, or may have had. */
export class Appended {
  readonly #bySubFlow = new Map<string, Addition>()
  readonly #byNode = new Map<string, Addition>()

  /** The nodes of the sub flows that have added. */
  get nodes(): ReadonlySet<string> {
    return new Set(this.#byNode.keys())
  }

  has(node: string): boolean {
    return this.#byNode.has(node)
  }

  /** Takes a commit that has added, in a process that started at `since`. */
  add({ sub_flow, nodes }: CompletedRecord, { entries, databases }: IntentRecord, since: string): void {
    const addition = this.#bySubFlow.get(sub_flow) ?? { subFlow: sub_flow, targets: new Set(), rows: new Map(), since }
    this.#bySubFlow.set(sub_flow, addition)
    for (const entry of entries) if (entry.kind === 'append') addition.targets.add(entry.target)
    for (const { appends, connection } of databases) if (appends) addition.targets.add(connection.label)
    for (const { node, rows } of nodes) {
      const { name } = readNameInFrame(node)
      this.#byNode.set(name, addition)
      if (rows !== null) addition.rows.set(name, (addition.rows.get(name) ?? 0) + rows)
    }
  }

  /** A sentence on what the sub flows of these nodes have added, where, and since when. */
  describe(nodes: readonly string[], { nodes: all }: Dag): string {
    const isSink = (node: string) => all.find(({ id }) => id === node)?.type === 'sink'
    return [...new Set(nodes.flatMap((node) => this.#byNode.get(node) ?? []))]
      .map(({ subFlow, targets, rows, since }) => {
        const [sink, ...others] = [...rows].filter(([node]) => isSink(node))
        // Of several sinks, some may have replaced what was there.
        const count = sink === undefined || others.length > 0 ? 'rows' : formatQuantity(sink[1], 'row')
        return `${subFlow} has added ${count} to ${[...targets].join(', ')} in the process that started at ${since}.`
      })
      .join(' ')
  }
}
