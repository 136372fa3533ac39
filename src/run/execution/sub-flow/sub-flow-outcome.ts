import type { Json } from '../../../core/json.js'
import type { TypedValue } from '../../../engine/engine.js'
import type { Column } from '../../../sdk/relation.js'
import type { BoundaryArtifact } from '../../artifacts/boundary-file.js'
import type { Work } from '../../checkpoint/journal/records.js'
import type { NodeReport } from '../../observe/node-totals.js'

/** What a sub flow leaves behind when all its nodes have ended and before it commits. */
export interface SubFlowOutcome {
  /** By `node__name` in lower case. */
  readonly globals: { readonly [name: string]: TypedValue }
  readonly boundaries: readonly BoundaryArtifact[]
  readonly nodes: readonly NodeReport[]
  /** The list that a node published, by node. */
  readonly items: { readonly [node: string]: readonly Json[] }
  /** It was started because of a failure, or of a loop that has not completed every pass. */
  readonly provisional?: true
  /** Columns of the rows that nodes with code have read, by `node.port`. */
  readonly columns?: { readonly [port: string]: readonly Column[] }
  readonly work?: Work
}
