import { existsSync } from 'node:fs'
import { PypeError } from '../../../core/errors.js'
import type { Disk } from '../files/disk.js'
import { planChanges, type SourceChange } from '../files/source-changes.js'
import type { TargetClaims, WrittenTarget } from '../files/target-claims.js'
import { type CommitPlan, listTargets, planCommit, type StagedPath } from './plan-commit.js'

/** What is to be put in place, and the paths that it comes to. */
export interface AttemptPlan extends CommitPlan {
  readonly targets: readonly WrittenTarget[]
}

/** Says how all that an attempt has staged comes into place. Throws when a path is no longer what it was when it was staged. */
export async function planAttempt(staged: readonly StagedPath[], changes: readonly SourceChange[], disk: Disk): Promise<AttemptPlan> {
  const placed = await planCommit(staged, disk)
  const targets = listTargets(placed, staged)
  const changed = await planChanges(
    changes,
    targets.map(({ target }) => target),
    disk,
  )
  checkCreated([...staged, ...changes])
  return {
    entries: [...placed.entries, ...changed],
    remove: placed.remove,
    targets: [...targets, ...listTargets({ entries: changed }, [])],
  }
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

/** Throws TARGET_CLASH, with the node that staged it, when another sub flow has a target. */
export function checkClaims(
  targets: readonly WrittenTarget[],
  owner: string,
  all: readonly (StagedPath | SourceChange)[],
  claims: TargetClaims,
): void {
  for (const { target, append } of targets) {
    try {
      claims.check(target, owner, append)
    } catch (error) {
      throw error instanceof PypeError ? error.with({ node: writerOf(target, all) }) : error
    }
  }
}

/** The node that staged a target, or the folder that the target is in. */
function writerOf(file: string, all: readonly (StagedPath | SourceChange)[]): string | undefined {
  return all.find(({ target }) => target !== undefined && (file === target || file.startsWith(`${target}/`)))?.node
}
