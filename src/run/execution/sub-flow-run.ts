import { join } from 'node:path'
import type { LimitFunction } from 'p-limit'
import type { DagNode, DataConnection } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { nameInFrame } from '../../core/frame.js'
import type { Json } from '../../core/json.js'
import type { TypedValue } from '../../engine/engine.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { Relation } from '../../sdk/relation.js'
import { sql } from '../../sdk/sql.js'
import { ArtifactManager, type StoragePolicy } from '../artifacts/artifact-manager.js'
import type { Consumer } from '../artifacts/sharing.js'
import type { ExecutorDeps } from './deps.js'
import { describeNode } from './describe-node.js'
import type { ModuleLife } from './module-life.js'
import { type CountConsumer, checkRejects, countConsumers } from './node-counts.js'
import { placeError } from './place-error.js'
import { createContext } from './run-context.js'
import type { BoundaryArtifact, NodeReport, SubFlowGraph, SubFlowOutcome, SubFlowTask } from './sub-flow.js'
import type { WorkerThreads } from './worker-threads.js'

export interface SubFlowRunDeps extends ExecutorDeps {
  /** Bounds the nodes that run at once, over all sub flows. */
  readonly limit: LimitFunction
  readonly life: ModuleLife
  readonly workers: WorkerThreads
  readonly policy: StoragePolicy
}

/**
 * One attempt of a sub flow. Nodes that only describe queries are described as soon as their inputs are; all nodes with code
 * whose inputs are described make a wave and run at once. Rows move when a node of a wave asks for them, or in the end for the
 * boundaries and the globals.
 */
export class SubFlowRun {
  readonly #deps: SubFlowRunDeps
  readonly #task: SubFlowTask
  readonly #graph: SubFlowGraph
  /** Aborted by the task's signal, and by the first node that fails. */
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #artifacts: ArtifactManager
  readonly #names = new Map<Relation, string>()
  /** By `node.port`. */
  readonly #ports = new Map<string, Relation>()
  /** What crosses the boundaries out of the sub flow, by `node.port`. */
  readonly #crossings = new Map<string, Relation>()
  readonly #described = new Set<string>()
  readonly #ended = new Set<string>()
  readonly #consumers = new Map<string, Consumer>()
  readonly #counts: CountConsumer[] = []
  readonly #globals: Record<string, TypedValue> = {}
  readonly #items: Record<string, readonly Json[]> = {}
  readonly #reports = new Map<string, NodeReport>()
  readonly #begun = new Set<string>()

  constructor(deps: SubFlowRunDeps, task: SubFlowTask, graph: SubFlowGraph) {
    this.#deps = deps
    this.#task = task
    this.#graph = graph
    this.#signal = AbortSignal.any([task.signal, this.#stop.signal])
    this.#artifacts = new ArtifactManager({
      engine: deps.engine,
      policy: deps.policy,
      emit: deps.emit,
      frame: task.frame,
      prefix: `${nameInFrame(task.name, task.frame)}-${task.attempt}`,
      statement: { names: this.#names, signal: this.#signal },
    })
  }

  async execute(): Promise<SubFlowOutcome> {
    try {
      this.#openBoundaries()
      for (let wave = await this.#nextWave(); wave.length > 0; wave = await this.#nextWave()) await this.#runWave(wave)
      const boundaries = await this.#writeBoundaries()
      await this.#countRows()
      return { globals: this.#globals, boundaries, nodes: await this.#report(), items: this.#items }
    } finally {
      await this.#artifacts.close()
    }
  }

  #openBoundaries(): void {
    for (const connection of this.#graph.incoming) {
      const key = portKey(connection.from, connection.from_port)
      if (this.#ports.has(key)) continue
      const artifact = this.#deps.boundaryArtifact(connection.from, connection.from_port, this.#task.frame)
      if (artifact === undefined) throw new PypeError('INTERNAL', `The rows of ${key} are not there.`, { node: connection.to })
      const relation = this.#deps.engine.open(artifact.path, artifact.columns, artifact.rows)
      this.#names.set(relation, key)
      this.#ports.set(key, relation)
    }
  }

  /** Describes what can be described, plans what is shared, and returns the nodes with code that can run now. */
  async #nextWave(): Promise<DagNode[]> {
    const wave: DagNode[] = []
    for (const node of this.#graph.nodes) {
      if (this.#described.has(node.id) || this.#ended.has(node.id) || !this.#isReady(node)) continue
      if (this.#definition(node).query === undefined) wave.push(node)
      else await this.#describe(node)
    }
    await this.#plan()
    return wave
  }

  async #describe(node: DagNode): Promise<void> {
    const definition = this.#definition(node)
    this.#deps.emit({ type: 'node.started', node: node.id, frame: this.#task.frame })
    try {
      const config = this.#deps.resolveConfig(node, definition, this.#task.frame)
      const inputs = this.#inputsOf(node)
      const outputs = this.#connectedOutputs(node)
      const described = await describeNode({
        node,
        definition,
        config,
        inputs,
        outputs,
        engine: this.#deps.engine,
        names: this.#names,
        signal: this.#signal,
        frame: this.#task.frame,
      })
      for (const port of node.output_ports) {
        const relation = described[port]
        if (relation !== undefined) this.#ports.set(portKey(node.id, port), relation)
      }
      this.#described.add(node.id)
      this.#counts.push(...countConsumers(node, definition, config, { inputs, outputs: described, connected: outputs }))
    } catch (error) {
      throw this.#failed(node, error)
    }
  }

  /** All statements that will still be run, as far as they are known; a port of a node that is not described yet counts for itself. */
  async #plan(): Promise<void> {
    const consumers: Consumer[] = []
    const add = (name: string, relation: Relation | undefined) => {
      if (relation === undefined) return
      const consumer = this.#consumers.get(name) ?? { name, relation }
      this.#consumers.set(name, consumer)
      consumers.push(consumer)
    }
    for (const { to, to_port, from, from_port } of [...this.#graph.inner, ...this.#graph.incoming]) {
      if (!this.#described.has(to) && !this.#ended.has(to)) add(`${to}.${to_port}`, this.#ports.get(portKey(from, from_port)))
    }
    for (const { from, from_port } of this.#graph.outgoing) add(`boundary ${from}.${from_port}`, this.#crossing(from, from_port))
    for (const count of this.#counts) add(count.name, count.relation)
    await this.#artifacts.plan(consumers)
  }

  /** The relation whose rows cross a boundary. Rows that are held already are copied: what is stored for one port goes to one file. */
  #crossing(node: string, port: string): Relation | undefined {
    const key = portKey(node, port)
    const relation = this.#ports.get(key)
    if (relation === undefined) return undefined
    let crossing = this.#crossings.get(key)
    if (crossing === undefined) {
      const isOwn = relation.kind !== 'stored' && ![...this.#crossings.values()].includes(relation)
      crossing = isOwn ? relation : sql`SELECT * FROM ${relation}`
      this.#crossings.set(key, crossing)
      this.#names.set(crossing, this.#names.get(relation) ?? key)
      this.#artifacts.setBoundaryPath(crossing, this.#boundaryPath(node, port))
    }
    return crossing
  }

  async #runWave(wave: readonly DagNode[]): Promise<void> {
    const results = await Promise.allSettled(wave.map((node) => this.#deps.limit(() => this.#runNode(node))))
    const failure =
      results.find((result) => result.status === 'rejected' && !isCancelled(result.reason)) ??
      results.find((result) => result.status === 'rejected')
    if (failure?.status === 'rejected') throw failure.reason
  }

  async #runNode(node: DagNode): Promise<void> {
    const { emit, life } = this.#deps
    const { frame } = this.#task
    const definition = this.#definition(node)
    const started = performance.now()
    emit({ type: 'node.started', node: node.id, frame })
    try {
      if (this.#signal.aborted) throw this.#signal.reason
      const inputs = this.#inputsOf(node)
      const config = this.#deps.resolveConfig(node, definition, frame)
      const ctx = createContext(this.#deps, this.#task, {
        node,
        definition,
        config,
        outputs: this.#connectedOutputs(node),
        signal: this.#signal,
        names: this.#names,
        artifacts: this.#artifacts,
        globals: this.#globals,
        items: this.#items,
        begun: this.#begun,
      })
      await life.setUp(node.id, ctx)
      const artifacts = Object.fromEntries(
        await Promise.all(
          Object.entries(inputs).map(
            async ([port, relation]) =>
              [port, this.#artifacts.artifact(this.#names.get(relation) ?? port, relation, await ctx.engine.columns(relation))] as const,
          ),
        ),
      )
      const outputs = (await definition.run?.(artifacts, ctx)) ?? {}
      if (this.#signal.aborted) throw this.#signal.reason
      for (const [port, output] of Object.entries(outputs))
        this.#ports.set(portKey(node.id, port), (await ctx.artifacts.register(port, output)).relation)
      this.#checkOutputs(node)
      this.#counts.push(...countConsumers(node, definition, config, { inputs, outputs: {}, connected: new Set() }))
      this.#ended.add(node.id)
      await this.#plan()
      this.#note(node, performance.now() - started)
    } catch (error) {
      this.#stop.abort(new PypeError('CANCELLED', 'Another node of the sub flow failed.'))
      throw this.#failed(node, error)
    }
  }

  async #writeBoundaries(): Promise<BoundaryArtifact[]> {
    const written = new Map<string, BoundaryArtifact>()
    for (const { from, from_port } of this.#graph.outgoing) {
      const key = portKey(from, from_port)
      const relation = this.#crossing(from, from_port)
      if (written.has(key) || relation === undefined) continue
      const stored = await this.#guard(from, async () => {
        await this.#artifacts.prepare(relation)
        return this.#artifacts.store(relation)
      })
      await this.#release(`boundary ${key}`)
      written.set(key, {
        node: from,
        port: from_port,
        path: this.#boundaryPath(from, from_port),
        columns: stored.columns,
        rows: stored.rows,
      })
    }
    return [...written.values()]
  }

  async #countRows(): Promise<void> {
    const values = new Map<string, TypedValue>()
    for (const count of this.#counts) {
      const row = await this.#guard(count.node, async () => {
        await this.#artifacts.prepare(count.relation)
        return this.#deps.engine.firstRow(count.relation, { names: this.#names, signal: this.#signal })
      })
      await this.#release(count.name)
      const value = Object.values(row)[0]
      if (value === undefined) continue
      values.set(count.name, value)
      if (count.global !== undefined) this.#globals[`${count.node}__${count.global}`.toLowerCase()] = value
    }
    for (const node of this.#graph.nodes) {
      const error = checkRejects(node, this.#counts, values)
      if (error !== undefined) throw this.#failed(node, error)
    }
  }

  async #report(): Promise<NodeReport[]> {
    const reports: NodeReport[] = []
    for (const node of this.#graph.nodes) {
      const port = node.output_ports[0]
      const relation = port === undefined ? undefined : this.#ports.get(portKey(node.id, port))
      const known = this.#reports.get(node.id)
      const rows = this.#number(node.id, 'row_count') ?? (relation === undefined ? null : await this.#artifacts.rowsOf(relation))
      const report: NodeReport = {
        node: nameInFrame(node.id, this.#task.frame),
        rows,
        bytes: this.#number(node.id, 'file_size'),
        rejected: this.#number(node.id, 'rejected'),
        seconds: known?.seconds ?? 0,
      }
      reports.push(report)
      this.#deps.emit({
        type: 'node.completed',
        node: node.id,
        frame: this.#task.frame,
        rows,
        bytes: report.bytes,
        rejected: report.rejected,
        seconds: report.seconds,
      })
    }
    return reports
  }

  #number(node: string, global: string): number | null {
    const text = this.#globals[`${node}__${global}`.toLowerCase()]?.text
    return text === undefined || text === null ? null : Number(text)
  }

  #note(node: DagNode, milliseconds: number): void {
    this.#reports.set(node.id, { node: node.id, rows: null, bytes: null, rejected: null, seconds: milliseconds / 1000 })
  }

  #definition(node: DagNode): ModuleDefinition {
    const definition = this.#deps.definitions.get(node.id)
    if (definition === undefined) throw new PypeError('INTERNAL', `The module of ${node.id} is not loaded.`)
    return definition
  }

  #isReady(node: DagNode): boolean {
    return this.#connectionsInto(node).every(({ from, from_port }) => this.#ports.has(portKey(from, from_port)))
  }

  #inputsOf(node: DagNode): { readonly [port: string]: Relation } {
    const inputs: Record<string, Relation> = {}
    for (const { from, from_port, to_port } of this.#connectionsInto(node)) {
      const relation = this.#ports.get(portKey(from, from_port))
      if (relation !== undefined) inputs[to_port] = relation
    }
    return inputs
  }

  #connectionsInto(node: DagNode): DataConnection[] {
    return [...this.#graph.inner, ...this.#graph.incoming].filter(({ to }) => to === node.id)
  }

  #connectedOutputs(node: DagNode): ReadonlySet<string> {
    return new Set([...this.#graph.inner, ...this.#graph.outgoing].filter(({ from }) => from === node.id).map(({ from_port }) => from_port))
  }

  #checkOutputs(node: DagNode): void {
    for (const port of this.#connectedOutputs(node)) {
      if (!this.#ports.has(portKey(node.id, port)))
        throw new PypeError('MODULE_FAILED', `The module ${node.module} put nothing out on its port ${port}.`, {
          hint: `return { ${port}: … } from run`,
        })
    }
  }

  #boundaryPath(node: string, port: string): string {
    return join(this.#deps.runFolder, 'artifacts', `${nameInFrame(`${node}.${port}`, this.#task.frame)}.parquet`)
  }

  async #release(name: string): Promise<void> {
    const consumer = this.#consumers.get(name)
    if (consumer !== undefined) await this.#artifacts.release(consumer)
  }

  async #guard<T>(node: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const culprit = this.#graph.nodes.find(({ id }) => id === node)
      throw culprit === undefined ? error : this.#failed(culprit, error)
    }
  }

  #failed(node: DagNode, error: unknown): PypeError {
    const placed = placeError(error, node, this.#deps, this.#task.frame)
    if (placed.code !== 'CANCELLED')
      this.#deps.emit({
        type: 'node.failed',
        node: placed.node?.split('#')[0] ?? node.id,
        frame: this.#task.frame,
        error: { code: placed.code, message: placed.message },
      })
    return placed
  }
}

function portKey(node: string, port: string): string {
  return `${node}.${port}`
}

function isCancelled(error: unknown): boolean {
  return error instanceof PypeError && error.code === 'CANCELLED'
}
