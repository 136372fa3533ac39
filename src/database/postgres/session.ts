import type { Readable } from 'node:stream'
import type { QueryArrayResult } from 'pg'
import type { DatabaseSession, QueryResult } from '../../sdk/database.js'
import { copyIn } from './copy-in.js'
import { copyOut } from './copy-out.js'
import { refuseCutNames } from './cut-names.js'
import { explainFailure } from './explain-failure.js'
import type { Lease } from './lease.js'

/** A session on one connection of the pool. */
export class PostgresSession implements DatabaseSession {
  readonly lease: Lease
  readonly label: string
  readonly #signal: AbortSignal | undefined

  /** Without a signal, nothing stops its statements. */
  constructor(lease: Lease, label: string, signal: AbortSignal | undefined) {
    this.lease = lease
    this.label = label
    this.#signal = signal
  }

  query(text: string, params: readonly (string | null)[] = []): Promise<QueryResult> {
    // The extended protocol takes one statement only.
    return this.#send(text, { text, values: [...params], rowMode: 'array', queryMode: 'extended' })
  }

  script(text: string): Promise<QueryResult> {
    return this.#send(text, { text, rowMode: 'array' })
  }

  copyIn(text: string, bytes: Readable): Promise<number> {
    return this.#run(text, () => copyIn(this.lease, text, bytes, this.#signal))
  }

  copyOut(text: string, longestRow?: number): Promise<Readable> {
    return this.#run(text, () => copyOut(this.lease, text, (error) => explainFailure(error, this, text), this.#signal, longestRow))
  }

  async #send(text: string, config: Query): Promise<QueryResult> {
    const result: QueryArrayResult<(string | null)[]> | QueryArrayResult<(string | null)[]>[] = await this.#run(text, () =>
      refuseCutNames(this.lease.client, this.label, () => this.lease.client.query(config)),
    )
    return toResult(Array.isArray(result) ? result.at(-1) : result)
  }

  async #run<T>(text: string, send: () => Promise<T>): Promise<T> {
    try {
      return await this.lease.run(this.#signal, send)
    } catch (error) {
      throw explainFailure(error, this, text)
    }
  }
}

interface Query {
  readonly text: string
  readonly values?: (string | null)[]
  readonly rowMode: 'array'
  readonly queryMode?: 'extended'
}

function toResult(result: QueryArrayResult<(string | null)[]> | undefined): QueryResult {
  return {
    columns: (result?.fields ?? []).map(({ name, dataTypeID, dataTypeModifier }) => ({
      name,
      typeId: dataTypeID,
      typeModifier: dataTypeModifier,
    })),
    rows: result?.rows ?? [],
    count: result?.rowCount ?? 0,
  }
}
