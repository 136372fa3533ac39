import { existsSync } from 'node:fs'
import { messageOf, PypeError } from '../../core/errors.js'
import { type FramePath, nameInFrame } from '../../core/frame.js'
import type { Database } from '../../database/database.js'
import type { Refill } from '../refill/refill.js'
import type { MissingCommit } from '../refill/refill-database.js'
import type { Patience } from './databases/ask-committed.js'
import { commitDatabases } from './databases/commit-databases.js'
import type { ReadyTransaction } from './databases/sub-flow-databases.js'
import type { Disk } from './disk.js'
import { finishCommit } from './finish-commit.js'
import type { Journal } from './journal.js'
import { type CommitPlan, listTargets, planCommit, type StagedPath } from './plan-commit.js'
import type { Completion, DatabaseCommit } from './records.js'
import { planChanges, type SourceChange } from './source-changes.js'
import type { TargetClaims } from './target-claims.js'

/** What an attempt has staged, and what its completed record will hold. */
export interface StagedCommit {
  readonly subFlow: string
  readonly frame: FramePath
  readonly attempt: number
  /** In order of declaration of the nodes. */
  readonly staged: readonly StagedPath[]
  readonly changes: readonly SourceChange[]
  readonly transactions: readonly ReadyTransaction[]
  /** What each sink needs to be run again, by node, in a sub flow with several databases. */
  readonly refills: ReadonlyMap<string, Refill>
  /** Files that were frozen for that alone. */
  readonly frozen: readonly string[]
  readonly completion: Completion
  /** Called when the intent is in the journal: from here on nothing is rolled back. */
  readonly onIntent: () => void
  /** Called when the intent was given up, since no database has committed: everything is rolled back. */
  readonly onAbort: () => void
}

/** What all commits of a run share. */
export interface CommitShared {
  readonly disk: Disk
  readonly journal: Journal
  readonly claims: TargetClaims
  readonly patience: Patience
  /** Fills a database whose transaction did not commit while another one did. */
  readonly refill: (missing: MissingCommit, database: Database, where: SubFlowPlace) => Promise<void>
}

/** A sub flow in its frame. */
export interface SubFlowPlace {
  readonly subFlow: string
  readonly frame: FramePath
}

/**
 * Writes the intent, commits the databases and puts everything that was staged in place. To be called under the locks of what is appended
 * to or moved. Throws COMMIT_UNFINISHED and COMMIT_PARTIAL after the intent, any other error before it or when it was given up.
 */
export async function commitStaged(
  { disk, journal, claims, patience, refill }: CommitShared,
  { subFlow, frame, attempt, staged, changes, transactions, refills, frozen, completion, onIntent, onAbort }: StagedCommit,
): Promise<void> {
  const owner = nameInFrame(subFlow, frame)
  const placed = await planCommit(staged, disk)
  const targets = listTargets(placed, staged)
  const changed = await planChanges(
    changes,
    targets.map(({ target }) => target),
    disk,
  )
  const plan = { entries: [...placed.entries, ...changed], remove: [...placed.remove, ...frozen] }
  checkCreated([...staged, ...changes])
  if (transactions.length > 1) checkRefills(transactions, refills)
  const written = [...targets, ...listTargets({ entries: changed }, [])]
  for (const { target, append } of written) {
    try {
      claims.check(target, owner, append)
    } catch (error) {
      throw error instanceof PypeError ? error.with({ node: writerOf(target, [...staged, ...changes]) }) : error
    }
  }
  const databases = transactions.map((ready) => describeCommit(ready, transactions.length > 1 ? refills : undefined))
  const fill = ({ token, nodes, transaction }: ReadyTransaction) =>
    refill({ token, refill: nodes.flatMap((node) => refills.get(node) ?? []) }, transaction.database, { subFlow, frame })
  // Nothing is awaited between the check and here: of two commits at once only one gets a target.
  journal.append({ kind: 'intent', sub_flow: subFlow, frame, attempt, ...plan, databases, completion })
  const giveBack = claims.take(written, owner)
  onIntent()
  const givenUp = await toUnfinished(owner, async () => {
    // Before any database: a commit that no journal knows of would be done again.
    journal.flush()
    const nothing = await commitDatabases(transactions, patience, fill)
    if (nothing === undefined) await finish(plan, disk)
    else {
      journal.append({ kind: 'abort', sub_flow: subFlow, frame, reason: nothing.error.message })
      // After the record: as long as it is not there, nobody deletes what the intent names.
      journal.flush()
    }
    return nothing
  })
  if (givenUp !== undefined) {
    giveBack()
    onAbort()
    throw givenUp.error
  }
  for (const { source, known } of changes) claims.release(source, known.kind === 'folder')
}

/** What is no sink has no rows that were frozen: it could not be done again for one of the databases. */
function checkRefills(transactions: readonly ReadyTransaction[], refills: ReadonlyMap<string, Refill>): void {
  const node = transactions.flatMap(({ nodes }) => nodes).find((each) => !refills.has(each))
  if (node === undefined) return
  throw new PypeError('MODULE_FAILED', `${node} writes to a database, is no sink, and its sub flow writes to others too.`, {
    node,
    hint: 'let sinks write, or put the node into a sub flow of its own',
  })
}

function describeCommit(
  { connection, token, appends, nodes }: ReadyTransaction,
  refills: ReadonlyMap<string, Refill> | undefined,
): DatabaseCommit {
  const commit = { connection, token, appends }
  return refills === undefined ? commit : { ...commit, refill: nodes.flatMap((node) => refills.get(node) ?? []) }
}

/** From the intent on, a failure leaves the commit to the next start. */
async function toUnfinished<T>(owner: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof PypeError && error.code === 'COMMIT_PARTIAL') throw error
    throw new PypeError('COMMIT_UNFINISHED', `The output of ${owner} is not in place: ${messageOf(error)}`, {
      hint: 'mend the cause; the next start of the job puts the rest in place before it does anything else',
      cause: error,
    })
  }
}

/** What a resume would do, is done at once: a rename that failed may go through the second time. */
async function finish(plan: CommitPlan, disk: Disk): Promise<void> {
  try {
    await finishCommit(plan, disk)
  } catch {
    // The second failure is the one to report: it is about the state that stays.
    await finishCommit(plan, disk)
  }
}

/** The node that staged a target, or the folder that the target is in. */
function writerOf(file: string, all: readonly (StagedPath | SourceChange)[]): string | undefined {
  return all.find(({ target }) => target !== undefined && (file === target || file.startsWith(`${target}/`)))?.node
}

function checkCreated(all: readonly (StagedPath | SourceChange)[]): void {
  const ours = new Set<string>()
  for (const { mode, target, node } of all) {
    if (target === undefined) continue
    if (mode === 'create' && !ours.has(target) && existsSync(target)) {
      throw new PypeError('TARGET_EXISTS', `${target} has come into being while it was being written.`, {
        node,
        hint: 'remove it, or choose another mode',
      })
    }
    ours.add(target)
  }
}
