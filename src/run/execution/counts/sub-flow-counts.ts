import type { DagNode } from '../../../core/dag.js'
import { nameInFrame } from '../../../core/frame.js'
import type { TypedValue } from '../../../engine/engine.js'
import type { Row } from '../../../sdk/artifact.js'
import type { NodeReport } from '../../observe/node-totals.js'
import { workOfNode } from '../node/work-of-node.js'
import type { Attempt } from '../sub-flow/attempt.js'
import type { PlannedConsumers } from '../sub-flow/planned-consumers.js'
import { nodeIn } from '../sub-flow/sub-flow-graph.js'
import { type CountConsumer, checkRejects, SHOWN_REJECTS } from './node-counts.js'

/** How long the code of a node ran, in seconds; `began` counts from the start of its attempt. */
export interface CodeTime {
  readonly began: number
  readonly seconds: number
}

/** What is counted in an attempt when all rows have moved: the globals that are queries, the bad rows, and what each node reports. */
export class SubFlowCounts {
  readonly #attempt: Attempt
  readonly #consumers: PlannedConsumers
  readonly #counts: CountConsumer[] = []

  constructor(attempt: Attempt, consumers: PlannedConsumers) {
    this.#attempt = attempt
    this.#consumers = consumers
  }

  add(counts: readonly CountConsumer[]): void {
    this.#counts.push(...counts)
  }

  /** The statements that count. */
  list(): readonly CountConsumer[] {
    return this.#counts
  }

  /** Counts, and publishes the globals. Throws for a node that rejected more rows than it may. */
  async count(): Promise<void> {
    const { deps, artifacts, statement, graph, globals } = this.#attempt
    const values = new Map<string, TypedValue>()
    const shown = new Map<string, readonly Row[]>()
    for (const { name, node, global, relation, rejects } of this.#counts) {
      const row = await workOfNode(this.#attempt, nodeIn(graph, node), async () => {
        await artifacts.prepare(relation)
        // Whether there are too many may be known only when the bad rows are gone.
        if (rejects !== undefined) shown.set(node, await deps.engine.head(rejects, SHOWN_REJECTS, statement))
        return deps.engine.firstRow(relation, statement)
      })
      await this.#consumers.release(name)
      const value = Object.values(row)[0]
      if (value === undefined) continue
      values.set(name, value)
      if (global !== undefined) globals[nameGlobal(node, global)] = deps.published.global(node, global, value)
    }
    for (const node of graph.nodes) {
      await workOfNode(this.#attempt, node, async () => checkRejects(node, this.#counts, { values, rejects: shown }))
    }
  }

  /** What the nodes did; `times` has those that ran code. */
  async report(times: ReadonlyMap<string, CodeTime>): Promise<NodeReport[]> {
    const { frame } = this.#attempt.task
    const reports: NodeReport[] = []
    for (const node of this.#attempt.graph.nodes) {
      const time = times.get(node.id)
      const outputs = await this.#outputsOf(node)
      reports.push({
        node: nameInFrame(node.id, frame),
        rows: this.#countOf(node.id, 'row_count') ?? outputs[node.output_ports[0] ?? ''] ?? null,
        ...(Object.keys(outputs).length === 0 ? {} : { outputs }),
        bytes: this.#countOf(node.id, 'file_size'),
        rejected: this.#countOf(node.id, 'rejected'),
        seconds: time?.seconds ?? 0,
        // Of a million passes nobody asks when each began.
        ...(time === undefined || frame.length > 0 ? {} : { began: time.began }),
      })
    }
    return reports
  }

  /** The rows of the ports that are connected, as far as they were counted: when they moved, were stored, or for a global. */
  async #outputsOf(node: DagNode): Promise<{ readonly [port: string]: number }> {
    const { ports, artifacts, task, rows: moved } = this.#attempt
    const outputs: Record<string, number> = {}
    for (const port of ports.connectedOutputs(node)) {
      const relation = ports.get(node.id, port)
      const stored = relation === undefined ? null : await artifacts.rowsOf(relation)
      const rows = stored ?? moved.get(nameInFrame(`${node.id}.${port}`, task.frame)) ?? this.#countOf(node.id, COUNTS_OF_PORTS[port] ?? '')
      if (rows !== null) outputs[port] = rows
    }
    return outputs
  }

  #countOf(node: string, global: string): number | null {
    const text = this.#attempt.globals[nameGlobal(node, global)]?.text
    return text === undefined || text === null ? null : Number(text)
  }
}

/** The globals that are the rows of a port. */
const COUNTS_OF_PORTS: { readonly [port: string]: string } = { data: 'row_count', reject: 'rejected' }

function nameGlobal(node: string, global: string): string {
  return `${node}__${global}`.toLowerCase()
}
