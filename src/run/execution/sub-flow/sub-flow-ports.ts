import type { DagNode, DataConnection } from '../../../core/dag.js'
import { PypeError } from '../../../core/errors.js'
import type { Relation } from '../../../sdk/relation.js'
import type { SubFlowGraph } from './sub-flow-graph.js'

/** The rows that the ports of a sub flow carry, as far as they have been described, and who reads them. */
export class SubFlowPorts {
  readonly #relations = new Map<string, Relation>()
  readonly #into = new Map<string, DataConnection[]>()
  readonly #outputs = new Map<string, Set<string>>()

  constructor({ inner, incoming, outgoing, lists, watched }: SubFlowGraph) {
    for (const connection of [...inner, ...incoming]) {
      const known = this.#into.get(connection.to)
      if (known === undefined) this.#into.set(connection.to, [connection])
      else known.push(connection)
    }
    for (const { from, from_port } of [...inner, ...outgoing]) this.#connect(from, from_port)
    for (const { node, port } of [...lists, ...watched]) this.#connect(node, port)
  }

  #connect(node: string, port: string): void {
    const known = this.#outputs.get(node)
    if (known === undefined) this.#outputs.set(node, new Set([port]))
    else known.add(port)
  }

  get(node: string, port: string): Relation | undefined {
    return this.#relations.get(`${node}.${port}`)
  }

  set(node: string, port: string, relation: Relation): void {
    this.#relations.set(`${node}.${port}`, relation)
  }

  /** True when the rows of all input ports are known. */
  isReady(node: DagNode): boolean {
    return this.connectionsInto(node.id).every(({ from, from_port }) => this.get(from, from_port) !== undefined)
  }

  connectionsInto(node: string): readonly DataConnection[] {
    return this.#into.get(node) ?? []
  }

  /** The relations at the input ports, by port. */
  inputsOf(node: DagNode): { readonly [port: string]: Relation } {
    const inputs: Record<string, Relation> = {}
    for (const { from, from_port, to_port } of this.connectionsInto(node.id)) {
      const relation = this.get(from, from_port)
      if (relation !== undefined) inputs[to_port] = relation
    }
    return inputs
  }

  /** The output ports that are connected. */
  connectedOutputs(node: DagNode): ReadonlySet<string> {
    return this.#outputs.get(node.id) ?? new Set()
  }

  /** Takes what a node has put out or described. Throws where a connected port got nothing. */
  setOutputs(node: DagNode, outputs: { readonly [port: string]: Relation | undefined }, returnedFrom: 'query' | 'run'): void {
    for (const port of this.connectedOutputs(node)) {
      if (outputs[port] !== undefined) continue
      throw new PypeError('MODULE_FAILED', `The module ${node.module} put nothing out on its port ${port}.`, {
        hint: `return { ${port}: … } from ${returnedFrom}`,
      })
    }
    for (const port of node.output_ports) {
      const relation = outputs[port]
      if (relation !== undefined) this.set(node.id, port, relation)
    }
  }
}
