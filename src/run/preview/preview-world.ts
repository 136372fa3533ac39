import type { Dag, DagNode } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { ROOT_FRAME } from '../../core/frame.js'
import { createRowReader } from '../execution/published/loop-items.js'
import type { Attempt } from '../execution/sub-flow/attempt.js'
import { definitionOf } from '../execution/sub-flow/attempt.js'
import type { SubFlowDeps } from '../execution/sub-flow/sub-flow-deps.js'
import type { PortName, SubFlowGraph } from '../execution/sub-flow/sub-flow-graph.js'
import { SubFlowRun } from '../execution/sub-flow/sub-flow-run.js'
import type { SubFlowTask } from '../execution/sub-flow/sub-flow-task.js'
import type { LoopPlace } from '../scheduling/plan-walk.js'
import { type Iteration, type LoopItem, toJsonItem } from '../templating/iteration.js'
import type { GivenValues } from './given-values.js'
import { loopsAround, type NeededNodes, type Provider } from './needed-nodes.js'
import { portsReadElsewhere, previewGraph } from './preview-graph.js'
import type { PreviewStaging } from './preview-staging.js'

/** What a preview runs nodes with. */
export interface PreviewWorldDeps {
  readonly needed: NeededNodes
  /** The whole flow. */
  readonly dag: Dag
  readonly given: GivenValues
  readonly staging: PreviewStaging
  readonly signal: AbortSignal
  /** Takes what a node has published. */
  readonly publish: (globals: Parameters<SubFlowTask['onFailed']>[0]) => void
}

/** Runs the nodes that the rows of a port come from; before them those whose globals and lists they need. */
export class PreviewWorld {
  readonly #world: PreviewWorldDeps
  readonly #deps: SubFlowDeps
  readonly #items = new Map<LoopPlace, LoopItem>()
  readonly #providersOf = new Map<string, Set<Provider>>()
  readonly #provided = new Set<Provider>()

  /** `createDeps` gets the items of the loops around a node, the innermost first. */
  constructor(world: PreviewWorldDeps, createDeps: (iterations: (node: DagNode) => readonly Iteration[]) => SubFlowDeps) {
    this.#world = world
    this.#deps = createDeps((node) => this.#iterations(node))
    for (const provider of world.needed.providers.values()) {
      for (const readers of [...provider.globals.values(), ...provider.lists.values()]) {
        for (const { id } of readers) this.#providersOf.set(id, (this.#providersOf.get(id) ?? new Set()).add(provider))
      }
    }
  }

  get deps(): SubFlowDeps {
    return this.#deps
  }

  /**
   * Lends out a port and what it stands on. A row that is broken fails it, unless the flow lets such rows leave by a port that is connected:
   * then the sources are read as a run reads them, whole, and `work` is called a second time.
   */
  async look<T>(target: PortName, work: (attempt: Attempt) => Promise<T>): Promise<T> {
    const graph = previewGraph(this.#world.needed.dag, target.node, [target])
    await this.#provideFor(graph.nodes)
    const elsewhere = portsReadElsewhere(graph, this.#world.dag)
    try {
      return await this.#run(graph, target.node).look(work)
    } catch (error) {
      if (elsewhere.length === 0 || !(error instanceof PypeError) || error.code !== 'BAD_ROW') throw error
      return await this.#run({ ...graph, watched: [target, ...elsewhere] }, target.node).look(work)
    }
  }

  /** Stops what modules have started. */
  async close(): Promise<void> {
    await this.#world.staging.close()
    await this.#deps.life.tearDown()
    await this.#deps.workers.close()
  }

  async #provideFor(nodes: readonly DagNode[]): Promise<void> {
    for (const { id } of nodes) {
      for (const provider of this.#providersOf.get(id) ?? []) {
        if (this.#provided.has(provider)) continue
        this.#provided.add(provider)
        await this.#provide(provider)
      }
    }
  }

  async #provide({ node, globals, lists }: Provider): Promise<void> {
    const { needed, dag, publish } = this.#world
    const publishesItems = lists.size > 0 && definitionOf(node, this.#deps).items === true
    let published: LoopItem | undefined
    if (globals.size > 0 || publishesItems) {
      const graph = previewGraph(needed.dag, node.id, [])
      await this.#provideFor(graph.nodes)
      const nodes = graph.nodes.map((each) => ({
        ...each,
        used_globals: each === node ? each.used_globals.filter((name) => globals.has(name.toLowerCase())) : [],
      }))
      const run = this.#run({ ...graph, nodes, watched: portsReadElsewhere(graph, dag) }, node.id)
      const outcome = await run.execute()
      publish(outcome.globals)
      const items = outcome.items[node.id]
      if (items !== undefined && items.length === 0) throw emptyList(node)
      if (items?.[0] !== undefined) published = { kind: 'json', value: items[0] }
    }
    for (const loop of lists.keys()) this.#items.set(loop, published ?? (await this.#firstRow(node)))
  }

  /** The item of a loop over rows. */
  async #firstRow(node: DagNode): Promise<LoopItem> {
    const [port] = node.output_ports
    if (port === undefined)
      throw new PypeError('NO_LIST', `The node ${node.id} gave no list to iterate over.`, {
        node: node.id,
        hint: 'give an item: --item VALUE',
      })
    const [item] = await this.look({ node: node.id, port }, async ({ ports, artifacts, statement }) => {
      const relation = ports.get(node.id, port)
      if (relation === undefined) return []
      await artifacts.prepare(relation)
      const columns = await this.#deps.engine.columns(relation, statement)
      return (await this.#deps.engine.head(this.#deps.engine.first(relation, 1), 1, statement)).map(createRowReader(columns))
    })
    if (item === undefined) throw emptyList(node)
    return item
  }

  #iterations(node: DagNode): readonly Iteration[] {
    const iterations: Iteration[] = []
    for (const loop of loopsAround(node, this.#world.needed.loopOf)) {
      const given = this.#world.given.items[loop.depth - 1]
      const item: LoopItem | undefined = given === undefined ? this.#items.get(loop) : { kind: 'json', value: given }
      if (item === undefined) break
      iterations.push({ item, index: 0 })
    }
    return iterations
  }

  #run(graph: SubFlowGraph, name: string): SubFlowRun {
    const { staging, signal } = this.#world
    const root = graph.nodes.find(({ id }) => id === name)
    const [iteration] = root === undefined ? [] : this.#iterations(root)
    const nodes = graph.nodes.map(({ id }) => id)
    return new SubFlowRun(
      this.#deps,
      {
        name,
        subFlow: { nodes, waves: [nodes], hash: '' },
        frame: ROOT_FRAME,
        attempt: 1,
        iterItem: iteration && toJsonItem(iteration.item),
        iterIndex: iteration?.index,
        signal,
        staging,
        onFailed: () => {},
      },
      graph,
    )
  }
}

function emptyList(node: DagNode): PypeError {
  return new PypeError('PREVIEW_VALUE', `The list of ${node.id} is empty, so that there is no item to look at.`, {
    node: node.id,
    hint: 'give an item: --item VALUE',
  })
}
