import type { Database } from '../../../database/database.js'
import type { MissingCommit } from '../../refill/refill-database.js'
import type { RunCursors } from '../cursors/run-cursors.js'
import type { Patience } from '../databases/ask-committed.js'
import type { RunDatabases } from '../databases/sub-flow-databases.js'
import type { TokenTables } from '../databases/token-tables.js'
import type { Disk } from '../files/disk.js'
import type { TargetClaims } from '../files/target-claims.js'
import type { Journal } from '../journal/journal.js'
import type { SubFlowPlace } from './sub-flow-place.js'

/** What all commits of a run share. */
export interface CommitDeps {
  readonly disk: Disk
  readonly journal: Journal
  readonly claims: TargetClaims
  readonly cursors: RunCursors
  readonly databases: RunDatabases
  readonly tokenTables: TokenTables
  readonly patience: Patience
  /** Fills a database whose transaction did not commit while another one did. */
  readonly refill: (missing: MissingCommit, database: Database, where: SubFlowPlace) => Promise<void>
  readonly now: () => Date
  readonly runId: string
  /** Relative targets start here. */
  readonly cwd: string
  /** Position of a node in the order of declaration. */
  readonly positionOf: (node: string) => number
  /** Told of what an action after the commit threw: the sub flow is committed all the same. */
  readonly warn: (message: string, node: string | undefined) => void
}
