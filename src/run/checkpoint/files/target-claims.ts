import { PypeError } from '../../../core/errors.js'

interface Claim {
  readonly owner: string
  readonly append: boolean
}

/** A path that a commit writes. */
export interface WrittenTarget {
  readonly target: string
  /** Rows go behind those that it has. */
  readonly append: boolean
}

/** Which sub flow of a run has committed to which path, or is about to. Only appends may share one. */
export class TargetClaims {
  /** By target; of several appends the last one. */
  readonly #claims = new Map<string, Claim>()

  /** Throws TARGET_CLASH when another sub flow has this target. `owner` is a sub flow in its frame. */
  check(target: string, owner: string, append: boolean): void {
    const held = this.#claims.get(target)
    if (held === undefined || held.owner === owner || (held.append && append)) return
    throw new PypeError('TARGET_CLASH', `${held.owner} has written ${target} in this run, and ${owner} would write it again.`, {
      hint: 'give each sub flow a target of its own (in a loop with a template such as {{iter.index}}), or use mode: append',
    })
  }

  /** What has been moved away or deleted can be written anew; a folder with all that is below it. */
  release(path: string, isFolder: boolean): void {
    this.#claims.delete(path)
    if (!isFolder) return
    for (const target of this.#claims.keys()) if (target.startsWith(`${path}/`)) this.#claims.delete(target)
  }

  /** Takes targets that were checked for a commit that begins. Returns what gives them back to those that had them, when it is given up. */
  take(targets: readonly WrittenTarget[], owner: string): () => void {
    const taken = targets.map(({ target, append }) => ({ target, claim: { owner, append }, before: this.#claims.get(target) }))
    for (const { target, claim } of taken) this.#claims.set(target, claim)
    return () => {
      for (const { target, claim, before } of taken) {
        // Its folder may have been taken away meanwhile.
        if (this.#claims.get(target) !== claim) continue
        if (before === undefined) this.#claims.delete(target)
        else this.#claims.set(target, before)
      }
    }
  }

  /** Takes a target that was claimed in an earlier process. */
  restore(target: string, owner: string, append: boolean): void {
    this.#claims.set(target, { owner, append })
  }

  /** Frees the targets of sub flows that run again. */
  forget(isForgotten: (owner: string) => boolean): void {
    for (const [target, { owner }] of this.#claims) if (isForgotten(owner)) this.#claims.delete(target)
  }
}
