import type { DagNode } from '../../../core/dag.js'
import { PypeError } from '../../../core/errors.js'
import type { Json } from '../../../core/json.js'
import type { RunContext } from '../../../sdk/context.js'
import type { Column, Relation } from '../../../sdk/relation.js'
import { type CountConsumer, countConsumers } from '../counts/node-counts.js'
import type { CodeTime } from '../counts/sub-flow-counts.js'
import { findCursorPlace } from '../sinks/cursor-place.js'
import { databaseConnectionsIn } from '../sinks/database-connections-in.js'
import { SinkInputs } from '../sinks/sink-inputs.js'
import { findTargetsBehind } from '../sinks/targets-behind.js'
import type { CursorPlace } from '../staging.js'
import { type Attempt, definitionOf } from '../sub-flow/attempt.js'
import { createContext } from './run-context.js'
import { workOfNode } from './work-of-node.js'

/** Takes a node whose code has ended, with what is to be counted of it. */
type OnEnd = (counts: readonly CountConsumer[]) => Promise<void>

/** Runs the nodes with code of one attempt, and holds what they leave behind beside rows. */
export class CodeNodes {
  readonly #attempt: Attempt
  readonly #inputs: SinkInputs
  readonly #begun = performance.now()
  /** The lists that nodes have published, by node. */
  readonly items: Record<string, readonly Json[]> = {}
  /** The columns of the rows that they have read, by `node.port`. */
  readonly columns: Record<string, readonly Column[]> = {}
  /** By node. */
  readonly times = new Map<string, CodeTime>()

  constructor(attempt: Attempt) {
    this.#attempt = attempt
    this.#inputs = new SinkInputs(attempt)
  }

  /** Runs a node whose inputs have been described. A failure stops the attempt. */
  async run(node: DagNode, onEnd: OnEnd): Promise<void> {
    const { deps, task, stop } = this.#attempt
    const started = performance.now()
    deps.emit({ type: 'node.started', node: node.id, frame: task.frame })
    try {
      await workOfNode(this.#attempt, node, async () => onEnd(await this.#runCode(node)))
    } catch (error) {
      stop(new PypeError('CANCELLED', 'Another node of the sub flow failed.'))
      throw error
    } finally {
      task.staging.leave(node.id)
    }
    this.times.set(node.id, { began: (started - this.#begun) / 1000, seconds: (performance.now() - started) / 1000 })
  }

  async #runCode(node: DagNode): Promise<readonly CountConsumer[]> {
    const { deps, task, ports, artifacts, statement } = this.#attempt
    statement.signal.throwIfAborted()
    const definition = definitionOf(node, deps)
    const config = deps.resolveConfig(node, definition, task.frame)
    deps.warnOfOverwrite(node, config['mode'])
    task.staging.enter(node.id, databaseConnectionsIn(config))
    const inputs = await this.#inputs.of(node, config)
    const ctx = this.#createContext(node, config)
    await deps.life.setUp(node.id, ctx)
    const handles = await artifacts.artifacts(inputs)
    for (const [port, { columns }] of Object.entries(handles)) this.columns[`${node.id}.${port}`] = columns
    const returned = (await definition.run?.(handles, ctx)) ?? {}
    statement.signal.throwIfAborted()
    const outputs: Record<string, Relation> = {}
    for (const [port, output] of Object.entries(returned)) {
      if (output !== undefined) outputs[port] = (await ctx.artifacts.register(port, output)).relation
    }
    ports.setOutputs(node, outputs, 'run')
    return countConsumers(node, definition, config, { inputs, outputs, connected: new Set() })
  }

  #createContext(node: DagNode, config: Record<string, unknown>): RunContext {
    return createContext(this.#attempt, {
      node,
      definition: definitionOf(node, this.#attempt.deps),
      config,
      items: this.items,
      cursorPlace: () => this.#findCursorPlace(node.id),
    })
  }

  #findCursorPlace(node: string): CursorPlace {
    const { deps, task, graph } = this.#attempt
    const findBehind = () => findTargetsBehind(node, deps, task.frame)
    return findCursorPlace(node, graph, () => this.#inputs.findTargets(), findBehind)
  }
}
