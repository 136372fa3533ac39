import { nearest } from '../../core/errors.js'
import type { Flow } from '../../core/flow.js'
import type { TextSpan } from '../../core/source-text.js'
import { type Findings, suggestName } from '../findings.js'
import type { PlanNode } from './graph.js'

/** Finds the nodes that connections name, and collects the names that no node has, to be reported when all are known. */
export class NodeNames {
  readonly #byId: ReadonlyMap<string, PlanNode>
  /** Ids of several nodes: which of them is meant, nothing tells. */
  readonly #twins: ReadonlySet<string>
  readonly #modulesAreWhole: boolean
  readonly #unknown = new Map<string, TextSpan[]>()

  constructor(flow: Flow, nodes: readonly PlanNode[]) {
    this.#byId = new Map(nodes.map((node) => [node.flow.id, node]))
    this.#twins = new Set(flow.modules.filter((use) => this.#byId.get(use.id)?.flow !== use).map(({ id }) => id))
    this.#modulesAreWhole = flow.modulesAreWhole
  }

  find(id: string, at: TextSpan): PlanNode | undefined {
    if (this.#twins.has(id)) return undefined
    const node = this.#byId.get(id)
    if (node === undefined) this.#unknown.set(id, [...(this.#unknown.get(id) ?? []), at])
    return node
  }

  /** The id that a name which no node has most likely means. */
  nearest(id: string): string | undefined {
    return this.#byId.has(id) ? undefined : nearest(id, this.#byId.keys())
  }

  /** The names that no node has. */
  get unknown(): ReadonlySet<string> {
    return new Set(this.#unknown.keys())
  }

  report(findings: Findings): void {
    for (const [id, places] of this.#unknown) {
      // A module whose id cannot be read may be the one.
      if (!this.#modulesAreWhole && this.nearest(id) === undefined) continue
      const hint = suggestName(id, [...this.#byId.keys()], 'ids stand under `modules`')
      for (const at of places) findings.error('UNKNOWN_NODE', at, `No node is called "${id}".`, hint)
    }
  }
}
