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
  /** The nodes that have added; a database does not say which. */
  appending: Set<string> | 'unknown'
  /** When the process started that added the first of them, ISO 8601. */
  readonly since: string
}

/** Whether a commit has added to targets that may have had something already: done once more, it would be there twice. */
export function hasAppended({ entries, databases }: IntentRecord): boolean {
  return entries.some(({ kind }) => kind === 'append') || databases.some(({ appends }) => appends)
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
    const addition = this.#bySubFlow.get(sub_flow) ?? {
      subFlow: sub_flow,
      targets: new Set(),
      rows: new Map(),
      appending: new Set<string>(),
      since,
    }
    this.#bySubFlow.set(sub_flow, addition)
    for (const entry of entries) if (entry.kind === 'append') takeNodes(addition, entry.target, entry.nodes)
    for (const { appends, connection } of databases) if (appends) takeNodes(addition, connection.label, undefined)
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
      .map((addition) => {
        const { subFlow, targets, since } = addition
        const count = countAdded(addition, isSink)
        return `${subFlow} has added ${count === undefined ? 'rows' : formatQuantity(count, 'row')} to ${[...targets].join(', ')} in the process that started at ${since}.`
      })
      .join(' ')
  }
}

/** Undefined: nothing counted them, or of several sinks it is not known which have only replaced what was there. */
function countAdded({ rows, appending }: Addition, isSink: (node: string) => boolean): number | undefined {
  const sinks = [...rows.keys()].filter(isSink)
  const added = appending === 'unknown' ? sinks : sinks.filter((node) => appending.has(node))
  if (added.length === 0 || (appending === 'unknown' && sinks.length > 1)) return undefined
  return added.reduce((sum, node) => sum + (rows.get(node) ?? 0), 0)
}

function takeNodes(addition: Addition, target: string, nodes: readonly string[] | undefined): void {
  addition.targets.add(target)
  if (nodes === undefined || addition.appending === 'unknown') addition.appending = 'unknown'
  else for (const node of nodes) addition.appending.add(readNameInFrame(node).name)
}
