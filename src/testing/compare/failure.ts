import type { Place } from '../../core/errors.js'
import type { TypedValue } from '../../engine/engine.js'
import type { Column } from '../../sdk/relation.js'
import type { FileContent } from '../load/test-file.js'
import type { PlannedRows } from '../plan/plan-expected-rows.js'
import type { CapturedRows } from '../rehearse/capture-rows.js'
import type { Match } from './match-rows.js'
import type { ColumnMeasure } from './near-cells.js'
import type { Row } from './read-expected.js'

/** One thing that a case expected and that is otherwise. */
export interface Failure {
  /** What it is about: `rows of by_city.output`. */
  readonly subject: string
  readonly message: string
  /** Where the test file says what is expected. */
  readonly at: Place
  readonly hint?: string
  readonly rows?: RowsDifference
  /** Texts that differ: of a file. */
  readonly texts?: { readonly expected: string; readonly found: string }
  /** What the test file would have to expect; undefined where nobody can say. */
  readonly found?: FoundInstead
}

/** What was found in the place of what is expected. */
export type FoundInstead =
  | { readonly kind: 'rows'; readonly planned: PlannedRows; readonly captured: CapturedRows }
  | { readonly kind: 'global'; readonly key: string; readonly value: TypedValue }
  | { readonly kind: 'file'; readonly key: string; readonly content: FileContent; readonly bytes: Buffer }

/** How rows differ. */
export interface RowsDifference {
  readonly columns: readonly Column[]
  readonly expected: readonly Row[]
  readonly found: readonly Row[]
  readonly match: Match
  /** How each of the columns was compared. */
  readonly measures: readonly ColumnMeasure[]
  /** Whether their order counts. */
  readonly isOrdered: boolean
}
