import type { Influence } from '../core/influence.js'
import type { Relation } from '../sdk/relation.js'

/** A column of a relation that others are made of. */
export interface SourceColumn {
  readonly relation: Relation
  readonly column: string
}

/** Columns that something depends on, each with all the ways in which it does. */
export type Dependencies = ReadonlyMap<SourceColumn, ReadonlySet<Influence>>

/** What a column is made of that comes from no other one: the rows themselves (`count(*)`), a function such as `now()`, or a value that is written. */
export type Given = 'rows' | 'function' | 'value'

/** Where the columns of a relation come from. */
export type RelationLineage =
  | {
      readonly kind: 'known'
      /** In the order of the columns. */
      readonly columns: readonly {
        readonly name: string
        readonly from: Dependencies /** Where `from` is empty. */
        readonly given?: Given
      }[]
      /** What decides which rows there are and in which order: each column depends on it too. */
      readonly rows: Dependencies
    }
  /** Each column may come from any column that the relation reads. */
  | { readonly kind: 'unknown'; readonly reason: string }
