import type { Influence } from '../core/influence.js'
import type { Relation } from '../sdk/relation.js'

/** A column of a relation that others are made of. */
export interface SourceColumn {
  readonly relation: Relation
  readonly column: string
}

/** Columns that something depends on, each with all the ways in which it does. */
export type Dependencies = ReadonlyMap<SourceColumn, ReadonlySet<Influence>>

/** Where the columns of a relation come from. */
export type RelationLineage =
  | {
      readonly kind: 'known'
      /** In the order of the columns. */
      readonly columns: readonly { readonly name: string; readonly from: Dependencies }[]
      /** What decides which rows there are and in which order: each column depends on it too. */
      readonly rows: Dependencies
    }
  /** Each column may come from any column that the relation reads. */
  | { readonly kind: 'unknown'; readonly reason: string }
