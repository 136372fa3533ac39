import type { DagNode } from '../../../core/dag.js'
import { PypeError } from '../../../core/errors.js'
import { nameWithoutFrame } from '../../../core/frame.js'
import type { Relation } from '../../../sdk/relation.js'
import type { CountConsumer } from '../counts/node-counts.js'
import { SubFlowCounts } from '../counts/sub-flow-counts.js'
import { CodeNodes } from '../node/code-nodes.js'
import { describeNode } from '../node/describe-node.js'
import { type Attempt, definitionOf, openAttempt } from './attempt.js'
import { Boundaries } from './boundaries.js'
import { PlannedConsumers } from './planned-consumers.js'
import type { SubFlowDeps } from './sub-flow-deps.js'
import type { SubFlowGraph } from './sub-flow-graph.js'
import type { SubFlowOutcome } from './sub-flow-outcome.js'
import type { SubFlowTask } from './sub-flow-task.js'

/**
 * One attempt of a sub flow. Nodes that only describe queries are described as soon as their inputs are; all nodes with code
 * whose inputs are described make a wave and run at once. Rows move when a node of a wave asks for them, or in the end for the
 * boundaries and the globals.
 */
export class SubFlowRun {
  readonly #attempt: Attempt
  readonly #boundaries: Boundaries
  readonly #consumers: PlannedConsumers
  readonly #counts: SubFlowCounts
  readonly #code: CodeNodes
  /** The nodes that have been described or have run. */
  readonly #done = new Set<string>()

  constructor(deps: SubFlowDeps, task: SubFlowTask, graph: SubFlowGraph) {
    this.#attempt = openAttempt(deps, task, graph)
    this.#consumers = new PlannedConsumers(this.#attempt.artifacts)
    this.#boundaries = new Boundaries(this.#attempt, this.#consumers)
    this.#counts = new SubFlowCounts(this.#attempt, this.#consumers)
    this.#code = new CodeNodes(this.#attempt)
  }

  async execute(): Promise<SubFlowOutcome> {
    const { artifacts, globals, task } = this.#attempt
    try {
      await this.#runNodes()
      const boundaries = await this.#boundaries.write()
      await this.#counts.count()
      const { items, columns, times } = this.#code
      return { globals, boundaries, nodes: await this.#counts.report(times), items, columns }
    } catch (error) {
      if (error instanceof PypeError && error.node !== undefined) task.onFailed(this.#globalsOf(nameWithoutFrame(error.node)))
      throw error
    } finally {
      await artifacts.close()
    }
  }

  /** Describes or runs the nodes, and lends out what they come to: no rows cross a boundary, and none are counted. */
  async look<T>(work: (attempt: Attempt) => Promise<T>): Promise<T> {
    try {
      await this.#runNodes()
      return await work(this.#attempt)
    } finally {
      await this.#attempt.artifacts.close()
    }
  }

  async #runNodes(): Promise<void> {
    this.#boundaries.open()
    for (let wave = await this.#nextWave(); wave.length > 0; wave = await this.#nextWave()) await this.#runWave(wave)
  }

  /** Describes what can be described, plans what is shared, and returns the nodes with code that can run now. */
  async #nextWave(): Promise<DagNode[]> {
    const { deps, graph, ports } = this.#attempt
    const wave: DagNode[] = []
    for (const node of graph.nodes) {
      if (this.#done.has(node.id) || !ports.isReady(node)) continue
      if (definitionOf(node, deps).query === undefined) wave.push(node)
      else this.#settle(node, await describeNode(this.#attempt, node))
    }
    await this.#planSharing()
    return wave
  }

  async #runWave(wave: readonly DagNode[]): Promise<void> {
    const { limit } = this.#attempt.deps
    const results = await Promise.allSettled(wave.map((node) => limit(() => this.#runNode(node))))
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    // The first node that fails cancels the others: their errors are not the cause.
    if (failures.length > 0) throw failures.find((error) => !isCancelled(error)) ?? failures[0]
  }

  #runNode(node: DagNode): Promise<void> {
    return this.#code.run(node, async (counts) => {
      this.#settle(node, counts)
      await this.#planSharing()
    })
  }

  #settle({ id }: DagNode, counts: readonly CountConsumer[]): void {
    this.#counts.add(counts)
    this.#done.add(id)
  }

  #planSharing(): Promise<void> {
    return this.#consumers.plan([...this.#openStatements()])
  }

  /** The statements that will still be run, by name. The input of a node that is not described yet counts for itself. */
  *#openStatements(): Iterable<readonly [name: string, relation: Relation | undefined]> {
    const { graph, ports } = this.#attempt
    for (const { id } of graph.nodes) {
      if (this.#done.has(id)) continue
      for (const { to_port, from, from_port } of ports.connectionsInto(id)) yield [`${id}.${to_port}`, ports.get(from, from_port)]
    }
    for (const { node, port } of graph.watched) yield [`look at ${node}.${port}`, ports.get(node, port)]
    yield* this.#boundaries.statements()
    for (const { name, relation } of this.#counts.list()) yield [name, relation]
  }

  #globalsOf(node: string): SubFlowOutcome['globals'] {
    const prefix = `${node}__`.toLowerCase()
    return Object.fromEntries(Object.entries(this.#attempt.globals).filter(([name]) => name.startsWith(prefix)))
  }
}

function isCancelled(error: unknown): boolean {
  return error instanceof PypeError && error.code === 'CANCELLED'
}
