import { join } from 'node:path'
import { nameInFrame } from '../../../core/frame.js'
import type { Relation, StoredRelation } from '../../../sdk/relation.js'
import { sql } from '../../../sdk/sql.js'
import type { ArtifactManager } from '../../artifacts/artifact-manager.js'
import type { BoundaryArtifact } from '../../artifacts/boundary-file.js'
import { sealBoundaryFile } from '../../artifacts/boundary-file.js'
import type { SubFlowTask } from '../sub-flow/sub-flow-task.js'

/** What the rows of an attempt are frozen with. */
export interface FrozenInputsDeps {
  readonly runFolder: string
  readonly task: SubFlowTask
  readonly names: Map<Relation, string>
  readonly artifacts: ArtifactManager
}

/** Rows that have been written down for a sink, so that it can be run on them again. */
export interface Frozen {
  /** By input port. */
  readonly relations: { readonly [port: string]: Relation }
  readonly inputs: { readonly [port: string]: BoundaryArtifact }
  /** The files that are there for this alone. */
  readonly files: readonly string[]
}

interface Written {
  readonly relation: StoredRelation
  readonly path: string
  readonly isOwn: boolean
}

/** Freezes what sinks read in a sub flow that writes to several databases: Parquet files in the run's `artifacts/`, each for all that reads the same rows. */
export class FrozenInputs {
  readonly #deps: FrozenInputsDeps
  readonly #written = new Map<Relation, Promise<Written>>()

  constructor(deps: FrozenInputsDeps) {
    this.#deps = deps
  }

  async freeze(node: string, inputs: { readonly [port: string]: Relation }): Promise<Frozen> {
    const relations: { [port: string]: Relation } = {}
    const artifacts: { [port: string]: BoundaryArtifact } = {}
    const files: string[] = []
    for (const [port, input] of Object.entries(inputs)) {
      const { relation, path, isOwn } = await this.#write(input)
      relations[port] = relation
      artifacts[port] = { node, port, path, ...sealBoundaryFile(path), columns: relation.columns, rows: relation.rows }
      if (isOwn) files.push(path)
    }
    return { relations, inputs: artifacts, files }
  }

  #write(input: Relation): Promise<Written> {
    const known = this.#written.get(input)
    if (known !== undefined) return known
    const writing = this.#writeOnce(input)
    this.#written.set(input, writing)
    return writing
  }

  async #writeOnce(input: Relation): Promise<Written> {
    const { runFolder, names, artifacts, task } = this.#deps
    const folder = join(runFolder, 'artifacts')
    if (input.kind === 'stored' && input.at.kind === 'parquet' && input.at.path.startsWith(folder)) {
      return { relation: input, path: input.at.path, isOwn: false }
    }
    const crossing = artifacts.boundaryPathOf(input)
    const frozen = input.kind === 'stored' ? sql`SELECT * FROM ${input}` : input
    const name = nameInFrame(`${task.name}.${this.#written.size}`, task.frame)
    const path = crossing ?? join(folder, `frozen-${name}-${task.attempt}.parquet`)
    artifacts.setBoundaryPath(frozen, path)
    await artifacts.prepare(frozen)
    const relation = await artifacts.store(frozen)
    names.set(relation, names.get(input) ?? '')
    return { relation, path, isOwn: crossing === undefined }
  }
}
