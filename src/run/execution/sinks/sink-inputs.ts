import type { DagNode } from '../../../core/dag.js'
import type { Relation } from '../../../sdk/relation.js'
import { describeRefill } from '../../refill/describe-refill.js'
import { type Attempt, definitionOf } from '../sub-flow/attempt.js'
import { databaseConnectionsIn } from './database-connections-in.js'
import { FrozenInputs } from './frozen-inputs.js'
import { findSinkTargets, type SinkTargets } from './sink-targets.js'

/** What the nodes of an attempt read. */
export class SinkInputs {
  readonly #attempt: Attempt
  readonly #frozen: FrozenInputs
  #targets: SinkTargets | undefined

  constructor(attempt: Attempt) {
    this.#attempt = attempt
    const { deps, task, artifacts, statement } = attempt
    this.#frozen = new FrozenInputs({ runFolder: deps.runFolder, task, names: statement.names, artifacts })
  }

  /** Where the sinks of the sub flow write to. */
  findTargets(): SinkTargets {
    const { deps, task, graph } = this.#attempt
    this.#targets ??= findSinkTargets(
      graph.nodes,
      (node) => definitionOf(node, deps),
      (node) => deps.resolveConfig(node, definitionOf(node, deps), task.frame),
    )
    return this.#targets
  }

  /**
   * What a node reads, by input port. With several databases behind its sinks, a sub flow freezes what they read before they do: whichever
   * commits, the others get the same rows.
   */
  async of(node: DagNode, config: Record<string, unknown>): Promise<{ readonly [port: string]: Relation }> {
    const { deps, task, ports } = this.#attempt
    const inputs = ports.inputsOf(node)
    if (databaseConnectionsIn(config).length === 0 || node.type === 'source' || this.findTargets().connections.length < 2) return inputs
    const frozen = await this.#frozen.freeze(node.id, inputs)
    const definition = definitionOf(node, deps)
    const lookup = deps.lookup(node, task.frame)
    task.staging.freeze(
      describeRefill({ node, definition, config, inputs: frozen.inputs, lookup, sealedOf: deps.sealedOf, task }),
      frozen.files,
    )
    return frozen.relations
  }
}
