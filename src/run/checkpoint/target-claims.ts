import { PypeError } from '../../core/errors.js'

/** Which sub flow of a run has committed to which path. Only appends may share one. */
export class TargetClaims {
  readonly #owners = new Map<string, { readonly owner: string; readonly append: boolean }>()

  /** Throws TARGET_CLASH when another sub flow has this target. `owner` is a sub flow in its frame. */
  check(target: string, owner: string, append: boolean): void {
    const held = this.#owners.get(target)
    if (held === undefined || held.owner === owner || (held.append && append)) return
    throw new PypeError('TARGET_CLASH', `${held.owner} has written ${target} in this run, and ${owner} would write it again.`, {
      hint: 'give each sub flow a target of its own (in a loop with a template such as {{iter.index}}), or use mode: append',
    })
  }

  /** What has been moved away or deleted can be written anew; a folder with all that is below it. */
  release(path: string, isFolder: boolean): void {
    this.#owners.delete(path)
    if (!isFolder) return
    for (const target of this.#owners.keys()) if (target.startsWith(`${path}/`)) this.#owners.delete(target)
  }

  claim(target: string, owner: string, append: boolean): void {
    this.check(target, owner, append)
    this.restore(target, owner, append)
  }

  /** Takes a target that was claimed in an earlier process. */
  restore(target: string, owner: string, append: boolean): void {
    this.#owners.set(target, { owner, append })
  }

  /** Frees the targets of sub flows that run again. */
  forget(isForgotten: (owner: string) => boolean): void {
    for (const [target, { owner }] of this.#owners) if (isForgotten(owner)) this.#owners.delete(target)
  }
}
