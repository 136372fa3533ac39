import type { Influence } from '../../core/influence.js'
import type { Given } from '../../engine/lineage.js'
import type { Column } from '../../sdk/relation.js'
import type { PlanNode } from '../plan/graph.js'

/** How the columns of a port are known: written in the flow, found in a file, locked in its schema file, told by a database, or made by the module out of its inputs. */
export type ColumnOrigin = 'declared' | 'file' | 'locked' | 'database' | 'query'

/** What is known of the columns of an output port before a run. */
export type PortColumns =
  | {
      readonly kind: 'known'
      readonly columns: readonly Column[]
      readonly origin: ColumnOrigin
      /** The files that they were found in, its own and those of its inputs. */
      readonly files: readonly string[]
      /** Of a module that has inputs, where it was asked for. */
      readonly lineage?: PortLineage
    }
  | { readonly kind: 'unknown'; readonly reason: string }

/** Where the columns of an output port come from. */
export type PortLineage =
  | {
      readonly kind: 'known'
      readonly columns: ReadonlyMap<string, readonly InputColumn[]>
      /** What those are made of that come from no column, where it is known. */
      readonly given?: ReadonlyMap<string, Given>
      /** What decides which rows there are, and in which order. */
      readonly rows: readonly InputColumn[]
    }
  /** Each column may come from any column of any input. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** A column of an input port, and how it comes in. */
export interface InputColumn {
  readonly port: string
  readonly column: string
  readonly influences: readonly Influence[]
}

/** The columns of the output ports of each node, in order of declaration. */
export type FlowColumns = ReadonlyMap<PlanNode, ReadonlyMap<string, PortColumns>>
