import { existsSync } from 'node:fs'
import { messageOf, PypeError } from '../../core/errors.js'
import { type FramePath, nameInFrame } from '../../core/frame.js'
import type { SubFlowOutcome } from '../execution/sub-flow.js'
import type { Disk } from './disk.js'
import { finishCommit } from './finish-commit.js'
import type { Journal } from './journal.js'
import { type CommitPlan, listTargets, planCommit, type StagedPath } from './plan-commit.js'
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
  readonly completion: Pick<SubFlowOutcome, 'globals' | 'boundaries' | 'nodes'>
  /** Called when the intent is in the journal: from here on nothing is rolled back. */
  readonly onIntent: () => void
}

/**
 * Writes the intent and puts everything that was staged in place. To be called under the locks of what is appended to or moved.
 * Throws COMMIT_UNFINISHED after the intent, any other error before it.
 */
export async function commitStaged(
  { disk, journal, claims }: { readonly disk: Disk; readonly journal: Journal; readonly claims: TargetClaims },
  { subFlow, frame, attempt, staged, changes, completion, onIntent }: StagedCommit,
): Promise<void> {
  const owner = nameInFrame(subFlow, frame)
  const placed = await planCommit(staged, disk)
  const targets = listTargets(placed, staged)
  const changed = await planChanges(
    changes,
    targets.map(({ target }) => target),
    disk,
  )
  const plan = { ...placed, entries: [...placed.entries, ...changed] }
  checkCreated([...staged, ...changes])
  for (const { target, append } of [...targets, ...listTargets({ entries: changed }, [])]) {
    try {
      claims.claim(target, owner, append)
    } catch (error) {
      throw error instanceof PypeError ? error.with({ node: writerOf(target, [...staged, ...changes]) }) : error
    }
  }
  journal.append({ kind: 'intent', sub_flow: subFlow, frame, attempt, ...plan, completion })
  onIntent()
  try {
    journal.flush()
    await finish(plan, disk)
  } catch (error) {
    throw new PypeError('COMMIT_UNFINISHED', `The output of ${owner} is not in place: ${messageOf(error)}`, {
      hint: 'mend the cause; the next start of the job puts the rest in place before it does anything else',
      cause: error,
    })
  }
  for (const { source, known } of changes) claims.release(source, known.kind === 'folder')
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
