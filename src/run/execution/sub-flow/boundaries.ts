import { join } from 'node:path'
import { PypeError } from '../../../core/errors.js'
import { nameInFrame } from '../../../core/frame.js'
import type { Relation } from '../../../sdk/relation.js'
import { sql } from '../../../sdk/sql.js'
import type { BoundaryArtifact } from '../../artifacts/boundary-file.js'
import { openBoundary, sealBoundaryFile } from '../../artifacts/boundary-file.js'
import { workOfNode } from '../node/work-of-node.js'
import type { Attempt } from './attempt.js'
import type { PlannedConsumers } from './planned-consumers.js'
import { nodeIn } from './sub-flow-graph.js'

/** The rows that leave one attempt of a sub flow, over boundaries or as the list of a loop: Parquet files in the run's `artifacts/`. */
export class Boundaries {
  readonly #attempt: Attempt
  readonly #consumers: PlannedConsumers
  /** By name of the port. */
  readonly #crossings = new Map<string, Relation>()

  constructor(attempt: Attempt, consumers: PlannedConsumers) {
    this.#attempt = attempt
    this.#consumers = consumers
  }

  /** Makes the rows that cross into the sub flow known to its nodes. */
  open(): void {
    for (const { from, from_port, to } of this.#attempt.graph.incoming) {
      if (this.#attempt.ports.get(from, from_port) !== undefined) continue
      const artifact = this.#attempt.deps.boundaryArtifact(from, from_port, this.#attempt.task.frame)
      if (artifact === undefined) throw new PypeError('INTERNAL', `The rows of ${from}.${from_port} are not there.`, { node: to })
      const relation = openBoundary(this.#attempt.deps.engine, artifact)
      this.#attempt.statement.names.set(relation, `${from}.${from_port}`)
      this.#attempt.ports.set(from, from_port, relation)
    }
  }

  /** The statements that store what crosses out of the sub flow, as far as it has been described, by name. */
  statements(): readonly (readonly [name: string, relation: Relation])[] {
    this.#findCrossings()
    return [...this.#crossings].map(([port, relation]) => [statementOf(port), relation])
  }

  /** Stores what crosses out of the sub flow. */
  async write(): Promise<readonly BoundaryArtifact[]> {
    this.#findCrossings()
    const written: BoundaryArtifact[] = []
    for (const [name, relation] of this.#crossings) {
      const [id = '', port = ''] = name.split('.')
      written.push(await workOfNode(this.#attempt, nodeIn(this.#attempt.graph, id), () => this.#store(id, port, relation)))
      await this.#consumers.release(statementOf(name))
    }
    return written
  }

  async #store(node: string, port: string, relation: Relation): Promise<BoundaryArtifact> {
    await this.#attempt.artifacts.prepare(relation)
    const { columns, rows } = await this.#attempt.artifacts.store(relation)
    const path = this.#pathOf(node, port)
    return { node, port, path, ...sealBoundaryFile(path), columns, rows }
  }

  #findCrossings(): void {
    for (const { from, from_port } of this.#attempt.graph.outgoing) this.#addCrossing(from, from_port)
    for (const { node, port } of this.#attempt.graph.lists) this.#addCrossing(node, port)
  }

  /** Rows that are held already, or that leave by another port too, are copied: what is stored for one port goes to one file. */
  #addCrossing(node: string, port: string): void {
    const key = `${node}.${port}`
    const relation = this.#attempt.ports.get(node, port)
    if (relation === undefined || this.#crossings.has(key)) return
    const isOwn = relation.kind !== 'stored' && ![...this.#crossings.values()].includes(relation)
    const crossing = isOwn ? relation : sql`SELECT * FROM ${relation}`
    this.#crossings.set(key, crossing)
    this.#attempt.statement.names.set(crossing, this.#attempt.statement.names.get(relation) ?? key)
    this.#attempt.artifacts.setBoundaryPath(crossing, this.#pathOf(node, port))
  }

  #pathOf(node: string, port: string): string {
    return join(this.#attempt.deps.runFolder, 'artifacts', `${nameInFrame(`${node}.${port}`, this.#attempt.task.frame)}.parquet`)
  }
}

function statementOf(port: string): string {
  return `boundary ${port}`
}
