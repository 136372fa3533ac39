import { messageOf, PypeError } from '../../../core/errors.js'
import { nameInFrame } from '../../../core/frame.js'
import type { Refill } from '../../refill/refill.js'
import { commitDatabases, type NothingCommitted } from '../databases/commit-databases.js'
import type { ReadyTransaction } from '../databases/sub-flow-databases.js'
import type { Disk } from '../files/disk.js'
import type { Completion, DatabaseCommit, IntentRecord } from '../journal/records.js'
import type { CommitDeps } from './commit-deps.js'
import { finishCommit } from './finish-commit.js'
import { checkClaims, planAttempt } from './plan-attempt.js'
import type { StagedAttempt } from './staged-attempt.js'

/**
 * Writes the intent, commits the databases and puts everything that was staged in place. To be called under the locks of what is appended
 * to or moved. `completion` is what the completed record will hold. Throws COMMIT_UNFINISHED and COMMIT_PARTIAL after the intent, any
 * other error before it or when it was given up.
 */
export async function commitStaged(
  deps: CommitDeps,
  attempt: StagedAttempt,
  transactions: readonly ReadyTransaction[],
  completion: Completion,
): Promise<void> {
  const { disk, journal, claims, positionOf } = deps
  const { place, files, frozen, onIntent, onAbort } = attempt
  const { subFlow, frame } = place
  const { changes } = files
  const owner = nameInFrame(subFlow, frame)
  const staged = files.inOrder(positionOf)
  const { entries, remove, targets } = await planAttempt(staged, changes, disk)
  const refills = transactions.length > 1 ? attempt.refills : undefined
  if (refills !== undefined) checkRefills(transactions, refills)
  checkClaims(targets, owner, [...staged, ...changes], claims)
  const intent: IntentRecord = {
    kind: 'intent',
    sub_flow: subFlow,
    frame,
    attempt: place.attempt,
    entries,
    remove: [...remove, ...frozen],
    databases: transactions.map((ready) => describeCommit(ready, refills)),
    completion,
  }
  // Nothing is awaited between the check and here: of two commits at once only one gets a target.
  journal.append(intent)
  const giveBack = claims.take(targets, owner)
  onIntent()
  const givenUp = await bringToEnd(deps, attempt, transactions, intent)
  if (givenUp !== undefined) {
    giveBack()
    onAbort()
    throw givenUp.error
  }
  for (const { source, known } of changes) claims.release(source, known.kind === 'folder')
}

/** From the intent on, a failure leaves the commit to the next start, unless no database has committed: then it is given up. */
async function bringToEnd(
  { disk, journal, patience, refill }: CommitDeps,
  { place, refills }: StagedAttempt,
  transactions: readonly ReadyTransaction[],
  intent: IntentRecord,
): Promise<NothingCommitted | undefined> {
  const { subFlow, frame } = place
  const fill = ({ token, nodes, transaction }: ReadyTransaction) =>
    refill({ token, refill: listRefills(nodes, refills) }, transaction.database, { subFlow, frame })
  try {
    // Before any database: a commit that no journal knows of would be done again.
    journal.flush()
    const nothing = await commitDatabases(transactions, patience, fill)
    if (nothing === undefined) {
      await finish(intent, disk)
      return undefined
    }
    journal.append({ kind: 'abort', sub_flow: subFlow, frame, reason: nothing.error.message })
    // After the record: as long as it is not there, nobody deletes what the intent names.
    journal.flush()
    return nothing
  } catch (error) {
    if (error instanceof PypeError && error.code === 'COMMIT_PARTIAL') throw error
    throw new PypeError('COMMIT_UNFINISHED', `The output of ${nameInFrame(subFlow, frame)} is not in place: ${messageOf(error)}`, {
      hint: 'mend the cause; the next start of the job puts the rest in place before it does anything else',
      cause: error,
    })
  }
}

/** What a resume would do, is done at once: a rename that failed may go through the second time. */
async function finish(intent: IntentRecord, disk: Disk): Promise<void> {
  try {
    await finishCommit(intent, disk)
  } catch {
    // The second failure is the one to report: it is about the state that stays.
    await finishCommit(intent, disk)
  }
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
  return refills === undefined ? commit : { ...commit, refill: listRefills(nodes, refills) }
}

function listRefills(nodes: readonly string[], refills: ReadonlyMap<string, Refill>): Refill[] {
  return nodes.flatMap((node) => refills.get(node) ?? [])
}
