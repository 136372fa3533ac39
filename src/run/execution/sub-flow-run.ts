import type { DagNode } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { nameInFrame, nameWithoutFrame } from '../../core/frame.js'
import type { Json } from '../../core/json.js'
import type { TypedValue } from '../../engine/engine.js'
import type { Row } from '../../sdk/artifact.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { Relation } from '../../sdk/relation.js'
import { ArtifactManager } from '../artifacts/artifact-manager.js'
import type { BoundaryArtifact } from '../artifacts/boundary-file.js'
import { placeBoundaryFile } from '../artifacts/boundary-file.js'
import type { NodeReport } from '../observe/node-totals.js'
import { describeRefill } from '../refill/describe-refill.js'
import { maskGlobal } from '../secrets/mask-global.js'
import { Boundaries } from './boundaries.js'
import { findCursorPlace } from './cursor-place.js'
import { databaseConnectionsIn } from './database-connections-in.js'
import { describeNode } from './describe-node.js'
import { FrozenInputs } from './frozen-inputs.js'
import { type CountConsumer, checkRejects, countConsumers, SHOWN_REJECTS } from './node-counts.js'
import { failNode, nameTargets } from './place-error.js'
import { PlannedConsumers } from './planned-consumers.js'
import { createContext, type NodeRun } from './run-context.js'
import { findSinkTargets, type SinkTargets } from './sink-targets.js'
import type { CursorPlace } from './staging.js'
import type { SubFlowDeps } from './sub-flow-deps.js'
import type { SubFlowGraph } from './sub-flow-graph.js'
import type { SubFlowOutcome } from './sub-flow-outcome.js'
import { SubFlowPorts } from './sub-flow-ports.js'
import type { SubFlowTask } from './sub-flow-task.js'
import { findTargetsBehind } from './targets-behind.js'

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
  readonly #signal: AbortSignal
  readonly #names = new Map<Relation, string>()
  readonly #statement: { readonly names: Map<Relation, string>; readonly signal: AbortSignal }
  readonly #artifacts: ArtifactManager
  readonly #ports: SubFlowPorts
  readonly #boundaries: Boundaries
  /** The nodes that have been described or have run. */
  readonly #done = new Set<string>()
  readonly #consumers: PlannedConsumers
  readonly #counts: CountConsumer[] = []
  readonly #globals: Record<string, TypedValue> = {}
  readonly #items: Record<string, readonly Json[]> = {}
  readonly #seconds = new Map<string, number>()
  readonly #targets = new Map<string, string>()
  readonly #frozen: FrozenInputs
  #sinkTargets: SinkTargets | undefined

  constructor(deps: SubFlowDeps, task: SubFlowTask, graph: SubFlowGraph) {
    this.#deps = deps
    this.#task = task
    this.#graph = graph
    this.#signal = AbortSignal.any([task.signal, this.#stop.signal])
    this.#statement = { names: this.#names, signal: this.#signal }
    this.#artifacts = new ArtifactManager({
      engine: deps.engine,
      policy: deps.policy,
      emit: deps.emit,
      frame: task.frame,
      prefix: `${nameInFrame(task.name, task.frame)}-${task.attempt}`,
      statement: this.#statement,
      placeBoundary: (written, file) => placeBoundaryFile(deps.disk, written, file),
    })
    this.#consumers = new PlannedConsumers(this.#artifacts)
    this.#frozen = new FrozenInputs({ runFolder: deps.runFolder, task, names: this.#names, artifacts: this.#artifacts })
    this.#ports = new SubFlowPorts(graph)
    this.#boundaries = new Boundaries({ deps, task, graph, ports: this.#ports, names: this.#names, artifacts: this.#artifacts })
  }

  async execute(): Promise<SubFlowOutcome> {
    try {
      this.#boundaries.open()
      for (let wave = await this.#nextWave(); wave.length > 0; wave = await this.#nextWave()) await this.#runWave(wave)
      const boundaries = await this.#writeBoundaries()
      await this.#countRows()
      return { globals: this.#globals, boundaries, nodes: await this.#report(), items: this.#items }
    } catch (error) {
      if (error instanceof PypeError && error.node !== undefined) this.#task.onFailed(this.#globalsOf(nameWithoutFrame(error.node)))
      throw error
    } finally {
      await this.#artifacts.close()
    }
  }

  /** Describes what can be described, plans what is shared, and returns the nodes with code that can run now. */
  async #nextWave(): Promise<DagNode[]> {
    const wave: DagNode[] = []
    for (const node of this.#graph.nodes) {
      if (this.#done.has(node.id) || !this.#ports.isReady(node)) continue
      if (this.#definition(node).query === undefined) wave.push(node)
      else await this.#describe(node)
    }
    await this.#planSharing()
    return wave
  }

  async #describe(node: DagNode): Promise<void> {
    const definition = this.#definition(node)
    this.#deps.emit({ type: 'node.started', node: node.id, frame: this.#task.frame })
    await this.#working(node, async () => {
      const config = this.#deps.resolveConfig(node, definition, this.#task.frame)
      const inputs = this.#ports.inputsOf(node)
      const connected = this.#ports.connectedOutputs(node)
      const outputs = await describeNode({
        node,
        definition,
        config,
        inputs,
        connected,
        engine: this.#deps.engine,
        statement: this.#statement,
        frame: this.#task.frame,
      })
      this.#ports.setOutputs(node, outputs, 'query')
      this.#counts.push(...countConsumers(node, definition, config, { inputs, outputs, connected }))
    })
    this.#done.add(node.id)
  }

  /** The input of a node that is not described yet counts for itself. */
  async #planSharing(): Promise<void> {
    const open = this.#graph.nodes.filter(({ id }) => !this.#done.has(id))
    await this.#consumers.plan([
      ...open.flatMap(({ id }) =>
        this.#ports
          .connectionsInto(id)
          .map(({ to_port, from, from_port }) => [`${id}.${to_port}`, this.#ports.get(from, from_port)] as const),
      ),
      ...[...this.#boundaries.crossings()].map(([port, relation]) => [`boundary ${port}`, relation] as const),
      ...this.#counts.map(({ name, relation }) => [name, relation] as const),
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
    const definition = this.#definition(node)
    const started = performance.now()
    emit({ type: 'node.started', node: node.id, frame })
    try {
      await this.#working(node, async () => {
        this.#signal.throwIfAborted()
        const config = resolveConfig(node, definition, frame)
        this.#deps.warnOfOverwrite(node, config['mode'])
        staging.enter(node.id, databaseConnectionsIn(config))
        const inputs = await this.#inputsOf(node, definition, config)
        const ctx = createContext(this.#deps, this.#task, this.#nodeRun(node, definition, config))
        await life.setUp(node.id, ctx)
        const returned = (await definition.run?.(await this.#artifacts.artifacts(inputs), ctx)) ?? {}
        this.#signal.throwIfAborted()
        const outputs: Record<string, Relation> = {}
        for (const [port, output] of Object.entries(returned)) {
          if (output !== undefined) outputs[port] = (await ctx.artifacts.register(port, output)).relation
        }
        this.#ports.setOutputs(node, outputs, 'run')
        this.#counts.push(...countConsumers(node, definition, config, { inputs, outputs, connected: new Set() }))
        this.#done.add(node.id)
        await this.#planSharing()
      })
    } catch (error) {
      this.#stop.abort(new PypeError('CANCELLED', 'Another node of the sub flow failed.'))
      throw error
    } finally {
      staging.leave(node.id)
    }
    this.#seconds.set(node.id, (performance.now() - started) / 1000)
  }

  /** With several databases behind its sinks, a sub flow freezes what they read before they do: whichever commits, the others get the same rows. */
  async #inputsOf(node: DagNode, definition: ModuleDefinition, config: Record<string, unknown>): Promise<{ [port: string]: Relation }> {
    const inputs = this.#ports.inputsOf(node)
    if (databaseConnectionsIn(config).length === 0 || node.type === 'source' || this.#findSinkTargets().connections.length < 2)
      return inputs
    const { lookup, sealedOf } = this.#deps
    const frozen = await this.#frozen.freeze(node.id, inputs)
    const task = this.#task
    const refill = describeRefill({ node, definition, config, inputs: frozen.inputs, lookup: lookup(node, task.frame), sealedOf, task })
    task.staging.freeze(refill, frozen.files)
    return frozen.relations
  }

  #nodeRun(node: DagNode, definition: ModuleDefinition, config: Record<string, unknown>): NodeRun {
    return {
      node,
      definition,
      config,
      outputs: this.#ports.connectedOutputs(node),
      signal: this.#signal,
      names: this.#names,
      artifacts: this.#artifacts,
      globals: this.#globals,
      items: this.#items,
      targets: this.#targets,
      cursorPlace: () => this.#findCursorPlace(node.id),
    }
  }

  #findCursorPlace(node: string): CursorPlace {
    const findBehind = () => findTargetsBehind(node, this.#deps, this.#task.frame)
    return findCursorPlace(node, this.#graph, () => this.#findSinkTargets(), findBehind)
  }

  #findSinkTargets(): SinkTargets {
    const definitionOf = (node: DagNode) => this.#definition(node)
    this.#sinkTargets ??= findSinkTargets(this.#graph.nodes, definitionOf, (node) =>
      this.#deps.resolveConfig(node, this.#definition(node), this.#task.frame),
    )
    return this.#sinkTargets
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

  async #countRows(): Promise<void> {
    const values = new Map<string, TypedValue>()
    const shown = new Map<string, readonly Row[]>()
    const statement = this.#statement
    for (const { name, node, global, relation, rejects } of this.#counts) {
      const row = await this.#working(this.#node(node), async () => {
        await this.#artifacts.prepare(relation)
        // Whether there are too many may be known only when the bad rows are gone.
        if (rejects !== undefined) shown.set(node, await this.#deps.engine.head(rejects, SHOWN_REJECTS, statement))
        return this.#deps.engine.firstRow(relation, statement)
      })
      await this.#consumers.release(name)
      const value = Object.values(row)[0]
      if (value === undefined) continue
      values.set(name, value)
      if (global !== undefined) this.#globals[`${node}__${global}`.toLowerCase()] = maskGlobal(value, this.#deps.masker)
    }
    for (const node of this.#graph.nodes) {
      await this.#working(node, async () => checkRejects(node, this.#counts, { values, rejects: shown }))
    }
  }

  async #report(): Promise<NodeReport[]> {
    const reports: NodeReport[] = []
    for (const node of this.#graph.nodes) {
      const first = node.output_ports[0]
      const relation = first === undefined ? undefined : this.#ports.get(node.id, first)
      const report = {
        rows: this.#countOf(node.id, 'row_count') ?? (relation === undefined ? null : await this.#artifacts.rowsOf(relation)),
        bytes: this.#countOf(node.id, 'file_size'),
        rejected: this.#countOf(node.id, 'rejected'),
        seconds: this.#seconds.get(node.id) ?? 0,
      }
      reports.push({ node: nameInFrame(node.id, this.#task.frame), ...report })
    }
    return reports
  }

  #globalsOf(node: string): SubFlowOutcome['globals'] {
    const prefix = `${node}__`.toLowerCase()
    return Object.fromEntries(Object.entries(this.#globals).filter(([name]) => name.startsWith(prefix)))
  }

  #countOf(node: string, global: string): number | null {
    const text = this.#globals[`${node}__${global}`.toLowerCase()]?.text
    return text === undefined || text === null ? null : Number(text)
  }

  #node(id: string): DagNode {
    const node = this.#graph.nodes.find((each) => each.id === id)
    if (node === undefined) throw new PypeError('INTERNAL', `There is no node ${id} in this sub flow.`)
    return node
  }

  #definition(node: DagNode): ModuleDefinition {
    const definition = this.#deps.definitions.get(node.id)
    if (definition === undefined) throw new PypeError('INTERNAL', `The module of ${node.id} is not loaded.`)
    return definition
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
