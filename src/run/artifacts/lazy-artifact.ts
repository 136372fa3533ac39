import { pathToFileURL } from 'node:url'
import type { RecordBatch, Table } from 'apache-arrow'
import type { Engine } from '../../engine/engine.js'
import type { DataArtifact, Row } from '../../sdk/artifact.js'
import type { Column, Relation, StoredRelation } from '../../sdk/relation.js'

/** What a lazy artifact is made from. */
export interface LazyRows {
  readonly name: string
  readonly relation: Relation
  readonly columns: readonly Column[]
  readonly engine: Engine
  readonly signal: AbortSignal
  /** Runs the relation and keeps its rows; called at each reading. */
  readonly store: () => Promise<StoredRelation>
}

/** Rows that are run when they are first read: a statement that can fail is never streamed. */
export class LazyArtifact implements DataArtifact {
  readonly kind = 'artifact'
  readonly name: string
  readonly relation: Relation
  readonly columns: readonly Column[]
  readonly #engine: Engine
  readonly #signal: AbortSignal
  readonly #store: () => Promise<StoredRelation>
  #uri: string

  constructor({ name, relation, columns, engine, signal, store }: LazyRows) {
    this.name = name
    this.relation = relation
    this.columns = columns
    this.#engine = engine
    this.#signal = signal
    this.#store = store
    this.#uri = relation.kind === 'stored' ? uriOf(relation) : `lazy:${name}`
  }

  get uri(): string {
    return this.#uri
  }

  async nRows(): Promise<number> {
    return (await this.#stored()).rows
  }

  async *rows(): AsyncGenerator<Row> {
    yield* this.#engine.rows(await this.#stored(), this.#signal)
  }

  async *batches(): AsyncGenerator<RecordBatch> {
    yield* this.#engine.batches(await this.#stored(), this.#signal)
  }

  async toArrow(): Promise<Table> {
    const { Table } = await import('apache-arrow')
    const batches: RecordBatch[] = []
    for await (const batch of this.batches()) batches.push(batch)
    return new Table(batches)
  }

  async #stored(): Promise<StoredRelation> {
    const stored = await this.#store()
    this.#uri = uriOf(stored)
    return stored
  }
}

function uriOf({ at }: StoredRelation): string {
  return at.kind === 'memory' ? `memory:${at.table}` : pathToFileURL(at.path).href
}
