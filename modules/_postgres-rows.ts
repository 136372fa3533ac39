/** Rows of a table or a query of PostgreSQL, as the engine reads them and as another table takes them directly. */
import type { Readable } from 'node:stream'
import type { DatabaseSnapshot, Relation, StreamRelation } from 'pypeline/sdk'
import { quoteName } from './_postgres-names.js'
import { engineTypeOf, fromWire, type PostgresColumn, toWire } from './_postgres-types.js'

const KIND = 'rows of postgres'
/** Bytes of a row that the engine reads; those of a longer one it may lose. */
const LONGEST_ROW = 8_000_000

/** What a sink of PostgreSQL finds as the origin of a stream whose rows it may take without the engine. */
export class PostgresRows {
  readonly kind = KIND
  readonly columns: readonly PostgresColumn[]
  readonly #snapshot: DatabaseSnapshot
  readonly #query: string

  /** `query` is a SELECT without a semicolon at its end. */
  constructor(snapshot: DatabaseSnapshot, query: string, columns: readonly PostgresColumn[]) {
    this.#snapshot = snapshot
    this.#query = query
    this.columns = columns
  }

  /** The rows as a relation of the engine. */
  get relation(): StreamRelation {
    const items = this.columns.map((column) => `${toWire(column, quoteName(column.name))} AS ${quoteName(column.name)}`)
    return {
      kind: 'stream',
      columns: this.columns.map((column) => ({ name: column.name, type: engineTypeOf(column) })),
      wire: this.columns.map((column) => {
        const expression = fromWire(column, quoteName(column.name))
        return { name: column.name, ...(expression === undefined ? {} : { expression }) }
      }),
      open: (signal) =>
        this.#open(`COPY (SELECT ${items.join(', ')} FROM (${this.#query}\n) AS rows) TO STDOUT (FORMAT csv)`, signal, LONGEST_ROW),
      origin: this,
    }
  }

  /** The rows as the server sends them, with some of the columns in the order of their names. */
  read(columns: readonly PostgresColumn[], form: 'binary' | 'csv', signal: AbortSignal): Promise<Readable> {
    const items = columns.map(({ name }) => quoteName(name)).join(', ')
    return this.#open(`COPY (SELECT ${items} FROM (${this.#query}\n) AS rows) TO STDOUT (FORMAT ${form})`, signal)
  }

  async #open(statement: string, signal: AbortSignal, longestRow?: number): Promise<Readable> {
    const session = await this.#snapshot.open(signal)
    try {
      const bytes = await session.copyOut(statement, longestRow)
      bytes.once('close', () => session.close())
      return bytes
    } catch (error) {
      await session.close()
      throw error
    }
  }
}

/** The rows that a relation is made of, when they come straight from PostgreSQL. */
export function findPostgresRows(relation: Relation): PostgresRows | undefined {
  return relation.kind === 'stream' && isPostgresRows(relation.origin) ? relation.origin : undefined
}

/** By its mark: a source and a sink that were loaded apart have a class each. */
function isPostgresRows(origin: object): origin is PostgresRows {
  return 'kind' in origin && origin.kind === KIND
}
