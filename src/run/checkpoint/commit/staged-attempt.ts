import type { Refill } from '../../refill/refill.js'
import type { SubFlowCursors } from '../cursors/sub-flow-cursors.js'
import type { SubFlowDatabases } from '../databases/sub-flow-databases.js'
import type { SubFlowFiles } from '../files/sub-flow-files.js'
import type { AttemptPlace } from './sub-flow-place.js'

/** What an attempt of a sub flow has staged, and who is told how its commit goes. */
export interface StagedAttempt {
  readonly place: AttemptPlace
  readonly files: SubFlowFiles
  readonly databases: SubFlowDatabases
  readonly cursors: SubFlowCursors
  /** What each sink needs to be run again, by node, in a sub flow with several databases. */
  readonly refills: ReadonlyMap<string, Refill>
  /** Files that were frozen for that alone. */
  readonly frozen: ReadonlySet<string>
  /** Called when the intent is in the journal: from here on nothing is rolled back. */
  readonly onIntent: () => void
  /** Called when the intent was given up, since no database has committed: everything is rolled back. */
  readonly onAbort: () => void
}
