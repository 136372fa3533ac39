import type { NodeTotal, PortRows } from '../../core/events.js'
import { nameWithoutFrame } from '../../core/frame.js'

/** What a node did, for the summary. `rows` and `bytes` are null where nothing counted them. */
export interface NodeReport {
  readonly node: string
  readonly rows: number | null
  readonly outputs?: PortRows
  readonly bytes: number | null
  readonly rejected: number | null
  readonly seconds: number
  /** Of one that ran code outside of loops: seconds from the start of its attempt to its own. */
  readonly began?: number
}

type Counting = { -readonly [count in keyof NodeTotal]: NodeTotal[count] }

/** Sums of what nodes did, over frames. */
export class NodeTotals {
  readonly #totals = new Map<string, Counting>()

  /** Adds what a node did in one frame. */
  add({ node, began: _, ...report }: NodeReport): void {
    this.addTotal({ node: nameWithoutFrame(node), runs: 1, ...report })
  }

  addAll(others: NodeTotals): void {
    for (const total of others.list()) this.addTotal(total)
  }

  list(): readonly NodeTotal[] {
    return [...this.#totals.values()].map((total) => ({ ...total }))
  }

  /** Adds what a node did in several frames. */
  addTotal(added: NodeTotal): void {
    const { node } = added
    const total = this.#totals.get(node) ?? { node, runs: 0, rows: null, bytes: null, rejected: null, seconds: 0 }
    this.#totals.set(node, total)
    total.runs += added.runs
    total.rows = addKnown(total.rows, added.rows)
    if (added.outputs !== undefined) total.outputs = addPorts(total.outputs, added.outputs)
    total.bytes = addKnown(total.bytes, added.bytes)
    total.rejected = addKnown(total.rejected, added.rejected)
    total.seconds += added.seconds
  }
}

/** Sums by port. */
export function addPorts(sums: PortRows = {}, added: PortRows): PortRows {
  return { ...sums, ...Object.fromEntries(Object.entries(added).map(([port, rows]) => [port, (sums[port] ?? 0) + rows])) }
}

function addKnown(a: number | null, b: number | null): number | null {
  return b === null ? a : (a ?? 0) + b
}
