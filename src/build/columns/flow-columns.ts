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
    }
  | { readonly kind: 'unknown'; readonly reason: string }

/** The columns of the output ports of each node, in order of declaration. */
export type FlowColumns = ReadonlyMap<PlanNode, ReadonlyMap<string, PortColumns>>
