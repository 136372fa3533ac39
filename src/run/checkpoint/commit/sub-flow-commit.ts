import type { CursorMove } from '../../../database/database.js'
import type { SubFlowOutcome } from '../../execution/sub-flow/sub-flow-outcome.js'
import { checkStateFiles } from '../cursors/check-state-files.js'
import { stageCursors } from '../cursors/stage-cursors.js'
import type { ReadyTransaction } from '../databases/sub-flow-databases.js'
import { holdTargets } from '../files/append-locks.js'
import { followTarget } from '../files/target.js'
import type { CompletedRecord, Completion } from '../journal/records.js'
import type { CommitDeps } from './commit-deps.js'
import { commitStaged } from './commit-staged.js'
import { toCompletion } from './completion.js'
import type { StagedAttempt } from './staged-attempt.js'
import type { SubFlowPlace } from './sub-flow-place.js'

/** Makes all that an attempt has staged visible, and records its sub flow as completed. Throws what {@link commitStaged} throws. */
export async function commitSubFlow(deps: CommitDeps, attempt: StagedAttempt, outcome: SubFlowOutcome): Promise<void> {
  const { cursors, files, databases, place } = attempt
  const pending = cursors.moves(({ kind }) => kind === 'run')
  const completion = { ...toCompletion(outcome), ...(pending.length > 0 && { cursors: pending }) }
  const transactions = await databases.prepare()
  const moves = cursors.moves(({ kind }) => kind === 'file')
  await stageCursors(moves, files, deps)
  if (files.isEmpty && transactions.length === 0) deps.journal.append(toRecord(place, completion, deps))
  else await commitAll(deps, attempt, transactions, moves, completion)
  for (const move of pending) deps.cursors.pend(move)
}

/** Moves cursors that are kept in files, and does nothing else. */
export async function commitCursors(deps: CommitDeps, attempt: StagedAttempt, moves: readonly CursorMove[]): Promise<void> {
  await stageCursors(moves, attempt.files, deps)
  await commitAll(deps, attempt, [], moves, { globals: {}, boundaries: [], nodes: [] })
}

async function commitAll(
  deps: CommitDeps,
  attempt: StagedAttempt,
  transactions: readonly ReadyTransaction[],
  moves: readonly CursorMove[],
  completion: Completion,
): Promise<void> {
  const { cursors, journal, positionOf } = deps
  const { files, place } = attempt
  const appends = files.inOrder(positionOf).filter(({ mode }) => mode === 'append')
  const keptIn = moves.map(({ node }) => followTarget(cursors.fileOf(node)))
  // A file that two sub flows would take is there for the first one only.
  await holdTargets(
    [...appends.map(({ target }) => target), ...keptIn],
    files.changes.map(({ source }) => source),
    async () => {
      checkStateFiles(moves, (node) => cursors.fileOf(node))
      await commitStaged(deps, attempt, transactions, completion)
      journal.append(toRecord(place, completion, deps))
    },
  )
}

function toRecord({ subFlow, frame }: SubFlowPlace, completion: Completion, { now }: CommitDeps): CompletedRecord {
  return { kind: 'completed', sub_flow: subFlow, frame, ...completion, ended: now().toISOString() }
}
