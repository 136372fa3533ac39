import type { RecordBatch, Table } from 'apache-arrow'
import type { Column, Relation } from './relation.js'

/** A row as an object. Values are plain where they are exact (number, string, boolean, null), bigint for integers beyond 2^53, else text. */
export type Row = { readonly [column: string]: unknown }

/** A handle on rows that a port carries: lazy (a query that has not run), in memory, or a Parquet file. Reading a lazy one runs its query once. */
export interface DataArtifact {
  readonly kind: 'artifact'
  /** `node.port`, or `node.port#frame`. */
  readonly name: string
  /** Path of the Parquet file as a file URL, `memory:<table>`, or `lazy:<name>`. */
  readonly uri: string
  /** For use in SQL. */
  readonly relation: Relation
  readonly columns: readonly Column[]
  nRows(): Promise<number>
  rows(): AsyncIterable<Row>
  batches(): AsyncIterable<RecordBatch>
  toArrow(): Promise<Table>
}
