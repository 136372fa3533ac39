import { join } from 'node:path'
import { PypeError } from '../../core/errors.js'
import { nameInFrame } from '../../core/frame.js'
import type { Relation } from '../../sdk/relation.js'
import { sql } from '../../sdk/sql.js'
import type { ArtifactManager } from '../artifacts/artifact-manager.js'
import type { BoundaryArtifact } from '../artifacts/boundary-file.js'
import { openBoundary, sealBoundaryFile } from '../artifacts/boundary-file.js'
import type { ExecutorDeps } from './executor-deps.js'
import type { SubFlowGraph } from './sub-flow-graph.js'
import type { SubFlowPorts } from './sub-flow-ports.js'
import type { SubFlowTask } from './sub-flow-task.js'

/** What the boundaries of an attempt of a sub flow stand on. */
export interface AttemptParts {
  readonly deps: Pick<ExecutorDeps, 'engine' | 'boundaryArtifact' | 'runFolder'>
  readonly task: SubFlowTask
  readonly graph: SubFlowGraph
  readonly ports: SubFlowPorts
  /** Gets the names of the relations that cross. */
  readonly names: Map<Relation, string>
  readonly artifacts: ArtifactManager
}

/** The rows that leave one attempt of a sub flow, over boundaries or as the list of a loop: Parquet files in the run's `artifacts/`. */
export class Boundaries {
  readonly #deps: Pick<ExecutorDeps, 'engine' | 'boundaryArtifact' | 'runFolder'>
  readonly #task: SubFlowTask
  readonly #graph: SubFlowGraph
  readonly #ports: SubFlowPorts
  readonly #names: Map<Relation, string>
  readonly #artifacts: ArtifactManager
  /** By name of the port. */
  readonly #crossings = new Map<string, Relation>()

  constructor({ deps, task, graph, ports, names, artifacts }: AttemptParts) {
    this.#deps = deps
    this.#task = task
    this.#graph = graph
    this.#ports = ports
    this.#names = names
    this.#artifacts = artifacts
  }

  /** Makes the rows that cross into the sub flow known to its nodes. */
  open(): void {
    for (const { from, from_port, to } of this.#graph.incoming) {
      if (this.#ports.get(from, from_port) !== undefined) continue
      const artifact = this.#deps.boundaryArtifact(from, from_port, this.#task.frame)
      if (artifact === undefined) throw new PypeError('INTERNAL', `The rows of ${from}.${from_port} are not there.`, { node: to })
      const relation = openBoundary(this.#deps.engine, artifact)
      this.#names.set(relation, `${from}.${from_port}`)
      this.#ports.set(from, from_port, relation)
    }
  }

  /** What crosses out of the sub flow, as far as it has been described: by `node.port`, each once. */
  crossings(): ReadonlyMap<string, Relation> {
    for (const { from, from_port } of this.#graph.outgoing) this.#addCrossing(from, from_port)
    for (const { node, port } of this.#graph.lists) this.#addCrossing(node, port)
    return this.#crossings
  }

  /** Stores what crosses out of the sub flow. */
  async write(node: string, port: string): Promise<BoundaryArtifact | undefined> {
    const relation = this.#crossings.get(`${node}.${port}`)
    if (relation === undefined) return undefined
    await this.#artifacts.prepare(relation)
    const { columns, rows } = await this.#artifacts.store(relation)
    const path = this.#pathOf(node, port)
    return { node, port, path, ...sealBoundaryFile(path), columns, rows }
  }

  /** Rows that are held already, or that leave by another port too, are copied: what is stored for one port goes to one file. */
  #addCrossing(node: string, port: string): void {
    const key = `${node}.${port}`
    const relation = this.#ports.get(node, port)
    if (relation === undefined || this.#crossings.has(key)) return
    const isOwn = relation.kind !== 'stored' && ![...this.#crossings.values()].includes(relation)
    const crossing = isOwn ? relation : sql`SELECT * FROM ${relation}`
    this.#crossings.set(key, crossing)
    this.#names.set(crossing, this.#names.get(relation) ?? key)
    this.#artifacts.setBoundaryPath(crossing, this.#pathOf(node, port))
  }

  #pathOf(node: string, port: string): string {
    return join(this.#deps.runFolder, 'artifacts', `${nameInFrame(`${node}.${port}`, this.#task.frame)}.parquet`)
  }
}
