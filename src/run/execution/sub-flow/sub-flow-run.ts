import type { DagNode } from '../../../core/dag.js'
import { PypeError } from '../../../core/errors.js'
import { nameInFrame, nameWithoutFrame } from '../../../core/frame.js'
import type { Json } from '../../../core/json.js'
import type { ModuleDefinition } from '../../../sdk/define-module.js'
import type { Column, Relation } from '../../../sdk/relation.js'
import { ArtifactManager } from '../../artifacts/artifact-manager.js'
import { type BoundaryArtifact, placeBoundaryFile } from '../../artifacts/boundary-file.js'
import { countConsumers } from '../counts/node-counts.js'
import { PortCounts } from '../counts/port-counts.js'
import { type CodeTime, SubFlowCounts } from '../counts/sub-flow-counts.js'
import { describeNode } from '../node/describe-node.js'
import { failNode, nameTargets } from '../node/place-error.js'
import { createContext, type NodeRun } from '../node/run-context.js'
import { findCursorPlace } from '../sinks/cursor-place.js'
import { databaseConnectionsIn } from '../sinks/database-connections-in.js'
import { SinkInputs } from '../sinks/sink-inputs.js'
import { findTargetsBehind } from '../sinks/targets-behind.js'
import type { CursorPlace } from '../staging.js'
import { type Attempt, definitionOf } from './attempt.js'
import { Boundaries } from './boundaries.js'
import { PlannedConsumers } from './planned-consumers.js'
import type { SubFlowDeps } from './sub-flow-deps.js'
import type { SubFlowGraph } from './sub-flow-graph.js'
import type { SubFlowOutcome } from './sub-flow-outcome.js'
import { SubFlowPorts } from './sub-flow-ports.js'
import type { SubFlowTask } from './sub-flow-task.js'
import { watchStatements } from './watch-statements.js'

/**
 * One attempt of a sub flow. Nodes that only describe queries are described as soon as their inputs are; all nodes with code
 * whose inputs are described make a wave and run at once. Rows move when a node of a wave asks for them, or in the end for the
 * boundaries and the globals.
 */
export class SubFlowRun {
  readonly #deps: SubFlowDeps
  readonly #task: SubFlowTask
  readonly #graph: SubFlowGraph
  /** Aborted by the task's signal, and by the first node that fails. */
  readonly #stop = new AbortController()
  readonly #attempt: Attempt
  readonly #boundaries: Boundaries
  readonly #inputs: SinkInputs
  /** The nodes that have been described or have run. */
  readonly #done = new Set<string>()
  readonly #consumers: PlannedConsumers
  readonly #counts: SubFlowCounts
  readonly #rows: PortCounts
  readonly #items: Record<string, readonly Json[]> = {}
  readonly #begun = performance.now()
  readonly #times = new Map<string, CodeTime>()
  readonly #columns: Record<string, readonly Column[]> = {}
  readonly #targets = new Map<string, string>()

  constructor(deps: SubFlowDeps, task: SubFlowTask, graph: SubFlowGraph) {
    this.#deps = deps
    this.#task = task
    this.#graph = graph
    const names = new Map<Relation, string>()
    this.#rows = new PortCounts(names)
    const watch = watchStatements(
      { task, names, rows: this.#rows, countsAll: deps.metadata.settings.row_counts === 'all' },
      deps.statements,
    )
    const statement = { names, signal: AbortSignal.any([task.signal, this.#stop.signal]), watch }
    const artifacts = new ArtifactManager({
      engine: deps.engine,
      policy: deps.policy,
      emit: deps.emit,
      frame: task.frame,
      prefix: `${nameInFrame(task.name, task.frame)}-${task.attempt}`,
      statement,
      placeBoundary: (written, file) => placeBoundaryFile(deps.disk, written, file),
    })
    this.#attempt = { deps, task, graph, ports: new SubFlowPorts(graph), artifacts, statement, globals: {} }
    this.#boundaries = new Boundaries(this.#attempt)
    this.#inputs = new SinkInputs(this.#attempt)
    this.#consumers = new PlannedConsumers(artifacts)
    this.#counts = new SubFlowCounts(this.#attempt, this.#consumers)
  }

  async execute(): Promise<SubFlowOutcome> {
    try {
      await this.#runNodes()
      const boundaries = await this.#writeBoundaries()
      await this.#counts.count((node, work) => this.#working(this.#node(node), work))
      const nodes = await this.#counts.report(this.#times, this.#rows)
      return { globals: this.#attempt.globals, boundaries, nodes, items: this.#items, columns: this.#columns }
    } catch (error) {
      if (error instanceof PypeError && error.node !== undefined) this.#task.onFailed(this.#globalsOf(nameWithoutFrame(error.node)))
      throw error
    } finally {
      await this.#attempt.artifacts.close()
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
    const wave: DagNode[] = []
    for (const node of this.#graph.nodes) {
      if (this.#done.has(node.id) || !this.#attempt.ports.isReady(node)) continue
      if (definitionOf(node, this.#deps).query === undefined) wave.push(node)
      else await this.#describe(node)
    }
    await this.#planSharing()
    return wave
  }

  async #describe(node: DagNode): Promise<void> {
    const definition = definitionOf(node, this.#deps)
    this.#deps.emit({ type: 'node.started', node: node.id, frame: this.#task.frame })
    await this.#working(node, async () => {
      const config = this.#deps.resolveConfig(node, definition, this.#task.frame)
      const { ports, statement } = this.#attempt
      const inputs = ports.inputsOf(node)
      const connected = ports.connectedOutputs(node)
      const outputs = await describeNode({
        node,
        definition,
        config,
        inputs,
        connected,
        engine: this.#deps.engine,
        statement,
        frame: this.#task.frame,
        schema: this.#deps.metadata.settings.schema,
      })
      ports.setOutputs(node, outputs, 'query')
      this.#counts.add(countConsumers(node, definition, config, { inputs, outputs, connected }))
    })
    this.#done.add(node.id)
  }

  /** The input of a node that is not described yet counts for itself. */
  async #planSharing(): Promise<void> {
    const { ports } = this.#attempt
    const open = this.#graph.nodes.filter(({ id }) => !this.#done.has(id))
    await this.#consumers.plan([
      ...open.flatMap(({ id }) =>
        ports.connectionsInto(id).map(({ to_port, from, from_port }) => [`${id}.${to_port}`, ports.get(from, from_port)] as const),
      ),
      ...this.#graph.watched.map(({ node, port }) => [`look at ${node}.${port}`, ports.get(node, port)] as const),
      ...[...this.#boundaries.crossings()].map(([port, relation]) => [`boundary ${port}`, relation] as const),
      ...this.#counts.list().map(({ name, relation }) => [name, relation] as const),
    ])
  }

  async #runWave(wave: readonly DagNode[]): Promise<void> {
    const results = await Promise.allSettled(wave.map((node) => this.#deps.limit(() => this.#runNode(node))))
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    // The first node that fails cancels the others: their errors are not the cause.
    if (failures.length > 0) throw failures.find((error) => !isCancelled(error)) ?? failures[0]
  }

  async #runNode(node: DagNode): Promise<void> {
    const { emit, life, resolveConfig } = this.#deps
    const { frame, staging } = this.#task
    const { ports, artifacts, statement } = this.#attempt
    const definition = definitionOf(node, this.#deps)
    const started = performance.now()
    emit({ type: 'node.started', node: node.id, frame })
    try {
      await this.#working(node, async () => {
        statement.signal.throwIfAborted()
        const config = resolveConfig(node, definition, frame)
        this.#deps.warnOfOverwrite(node, config['mode'])
        staging.enter(node.id, databaseConnectionsIn(config))
        const inputs = await this.#inputs.of(node, config)
        const ctx = createContext(this.#deps, this.#task, this.#nodeRun(node, definition, config))
        await life.setUp(node.id, ctx)
        const handles = await artifacts.artifacts(inputs)
        for (const [port, { columns }] of Object.entries(handles)) this.#columns[`${node.id}.${port}`] = columns
        const returned = (await definition.run?.(handles, ctx)) ?? {}
        statement.signal.throwIfAborted()
        const outputs: Record<string, Relation> = {}
        for (const [port, output] of Object.entries(returned)) {
          if (output !== undefined) outputs[port] = (await ctx.artifacts.register(port, output)).relation
        }
        ports.setOutputs(node, outputs, 'run')
        this.#counts.add(countConsumers(node, definition, config, { inputs, outputs, connected: new Set() }))
        this.#done.add(node.id)
        await this.#planSharing()
      })
    } catch (error) {
      this.#stop.abort(new PypeError('CANCELLED', 'Another node of the sub flow failed.'))
      throw error
    } finally {
      staging.leave(node.id)
    }
    this.#times.set(node.id, { began: (started - this.#begun) / 1000, seconds: (performance.now() - started) / 1000 })
  }

  #nodeRun(node: DagNode, definition: ModuleDefinition, config: Record<string, unknown>): NodeRun {
    const { ports, artifacts, statement, globals } = this.#attempt
    return {
      node,
      definition,
      config,
      outputs: ports.connectedOutputs(node),
      signal: statement.signal,
      names: statement.names,
      watch: statement.watch,
      artifacts,
      globals,
      items: this.#items,
      targets: this.#targets,
      cursorPlace: () => this.#findCursorPlace(node.id),
    }
  }

  #findCursorPlace(node: string): CursorPlace {
    const findBehind = () => findTargetsBehind(node, this.#deps, this.#task.frame)
    return findCursorPlace(node, this.#graph, () => this.#inputs.findTargets(), findBehind)
  }

  async #writeBoundaries(): Promise<BoundaryArtifact[]> {
    const written: BoundaryArtifact[] = []
    for (const port of this.#boundaries.crossings().keys()) {
      const [id = '', name = ''] = port.split('.')
      const artifact = await this.#working(this.#node(id), () => this.#boundaries.write(id, name))
      await this.#consumers.release(`boundary ${port}`)
      if (artifact !== undefined) written.push(artifact)
    }
    return written
  }

  #globalsOf(node: string): SubFlowOutcome['globals'] {
    const prefix = `${node}__`.toLowerCase()
    return Object.fromEntries(Object.entries(this.#attempt.globals).filter(([name]) => name.startsWith(prefix)))
  }

  #node(id: string): DagNode {
    const node = this.#graph.nodes.find((each) => each.id === id)
    if (node === undefined) throw new PypeError('INTERNAL', `There is no node ${id} in this sub flow.`)
    return node
  }

  /** Does a node's work, during which it counts as running; an error gets the node, its frame and its place in the YAML file. */
  async #working<T>(node: DagNode, work: () => Promise<T>): Promise<T> {
    const name = nameInFrame(node.id, this.#task.frame)
    this.#deps.running.add(name)
    try {
      return await work()
    } catch (error) {
      throw failNode(nameTargets(error, this.#targets), node, this.#deps, this.#task.frame)
    } finally {
      this.#deps.running.delete(name)
    }
  }
}

function isCancelled(error: unknown): boolean {
  return error instanceof PypeError && error.code === 'CANCELLED'
}
