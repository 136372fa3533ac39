import path from 'node:path'
import { PypeError } from '../../../core/errors.js'
import { nameInFrame } from '../../../core/frame.js'
import type { Lead, StageMode } from '../../../sdk/context.js'
import type { CommitDeps } from '../commit/commit-deps.js'
import { isEmptyFolder, type StagedPath } from '../commit/plan-commit.js'
import type { AttemptPlace } from '../commit/sub-flow-place.js'
import { copySource, followSource } from './copy-source.js'
import { makeLastingFolder } from './make-folder.js'
import { Mounts } from './mounts.js'
import { checkDelete, checkMove, findSource, refuseItself, type SourceChange } from './source-changes.js'
import { checkTarget, followTarget } from './target.js'

/** What staging files stands on. */
type FilesDeps = Pick<CommitDeps, 'disk' | 'journal' | 'claims' | 'cursors' | 'cwd'>

/** The files that an attempt of a sub flow has staged, and what it is to do to files that were there before. */
export class SubFlowFiles {
  readonly #deps: FilesDeps
  readonly #place: AttemptPlace
  readonly #staged: StagedPath[] = []
  readonly #changes: SourceChange[] = []
  readonly #made: string[] = []
  #mounts: Mounts | undefined

  constructor(deps: FilesDeps, place: AttemptPlace) {
    this.#deps = deps
    this.#place = place
  }

  get changes(): readonly SourceChange[] {
    return this.#changes
  }

  get isEmpty(): boolean {
    return this.#staged.length === 0 && this.#changes.length === 0
  }

  /** What was staged, in order of declaration. */
  inOrder(positionOf: (node: string) => number): readonly StagedPath[] {
    return this.#staged.toSorted((a, b) => positionOf(a.node) - positionOf(b.node))
  }

  /** Removes what was staged, and the folders that were made for it. */
  remove(): void {
    for (const { staged, lead } of this.#staged) for (const file of [staged, ...(lead ? [lead.staged] : [])]) this.#deps.disk.remove(file)
    for (const folder of this.#made) if (isEmptyFolder(folder)) this.#deps.disk.remove(folder)
  }

  /** `keepsRights`: it has the rights that it is to have; else it gets those of what it replaces. */
  async stage(node: string, target: string, mode: StageMode, keepsRights: boolean, lead?: Lead): Promise<string> {
    const { claims, cwd } = this.#deps
    const followed = followTarget(path.resolve(cwd, target))
    const existing = checkTarget(followed, node)
    if (existing !== undefined && mode === 'create' && !this.#staged.some((one) => one.target === followed)) {
      throw targetExists(followed, node)
    }
    if (existing?.isDirectory() && mode === 'append') {
      throw new PypeError('FILE_UNWRITABLE', `${followed} is a folder: nothing can be appended to it.`, {
        node,
        hint: 'give the path of a file',
      })
    }
    if (mode === 'append') await this.#deps.cursors.checkAppend(node, followed, () => (existing?.size ?? 0) > 0)
    if (mode !== 'replace-partitions' && mode !== 'merge') claims.check(followed, this.#owner(), mode === 'append')
    const folder = mode === 'merge' && existing?.isDirectory() ? this.#mergeFolder(node, followed) : path.dirname(followed)
    const one = this.#nameStaged({ node, target: followed, mode, keepsRights }, folder, lead)
    this.#record(node, one.staged, followed)
    if (one.lead !== undefined) this.#record(node, one.lead.staged, followed)
    this.#makeFolder(path.dirname(followed))
    this.#staged.push(one)
    return one.staged
  }

  async stageCopy(node: string, source: string, target: string, mode: 'replace' | 'create', signal: AbortSignal): Promise<void> {
    const file = await followSource(path.resolve(this.#deps.cwd, source), node)
    const { known } = findSource(file, node)
    refuseItself(file, known, followTarget(path.resolve(this.#deps.cwd, target)), node)
    const staged = await this.stage(node, target, mode, true)
    await copySource(file, staged, this.#deps.disk, node, signal)
  }

  async stageMove(node: string, source: string, target: string, mode: 'replace' | 'create', signal: AbortSignal): Promise<void> {
    const { claims, cwd } = this.#deps
    const found = findSource(path.resolve(cwd, source), node)
    const followed = followTarget(path.resolve(cwd, target))
    checkMove(found, followed, node)
    if (mode === 'create' && checkTarget(followed, node) !== undefined) throw targetExists(followed, node)
    claims.check(followed, this.#owner(), false)
    this.#makeFolder(path.dirname(followed))
    if (this.#mountsFor(node).canRename(path.dirname(found.file), path.dirname(followed))) {
      this.#change(node, found, followed, mode)
      return
    }
    if (found.known.kind === 'link') {
      throw new PypeError('FILE_UNWRITABLE', `${found.file} is a symbolic link, and ${followed} is on another disk.`, {
        node,
        hint: 'copy what it leads to with file_copy, and delete the link with file_delete',
      })
    }
    await this.stageCopy(node, found.file, followed, mode, signal)
    this.#change(node, found, undefined, mode)
  }

  async stageDelete(node: string, target: string, recursive: boolean): Promise<void> {
    const found = findSource(path.resolve(this.#deps.cwd, target), node)
    checkDelete(found, recursive, this.#deps.cwd, node)
    this.#change(node, found, undefined, 'replace')
  }

  #change(node: string, { file, known }: ReturnType<typeof findSource>, target: string | undefined, mode: 'replace' | 'create'): void {
    const aside = path.join(path.dirname(file), `.pype-${this.#place.token}-${this.#changes.length}-gone`)
    this.#changes.push({ node, source: file, known, target, mode, aside })
  }

  /** Beside the folder that is merged into; inside of it where that is a mount, or the one around it cannot be written. */
  #mergeFolder(node: string, target: string): string {
    const around = path.dirname(target)
    try {
      return this.#mountsFor(node).canRename(around, target) ? around : target
    } catch (error) {
      if (error instanceof PypeError && error.code === 'FILE_UNWRITABLE') return target
      throw error
    }
  }

  #mountsFor(node: string): Mounts {
    this.#mounts ??= new Mounts(this.#deps.disk, `.pype-${this.#place.token}`, (staged, target) => this.#record(node, staged, target))
    return this.#mounts
  }

  /** A staged path is in the journal before it comes into being, so that it can be swept. */
  #record(node: string, staged: string, target: string): void {
    const { subFlow, frame, attempt } = this.#place
    this.#deps.journal.append({ kind: 'started', sub_flow: subFlow, frame, attempt, node, staged, target })
  }

  #makeFolder(folder: string): void {
    if (makeLastingFolder(this.#deps.disk, folder) !== undefined) this.#made.push(folder)
  }

  #nameStaged(one: Pick<StagedPath, 'node' | 'target' | 'mode' | 'keepsRights'>, dir: string, lead: Lead | undefined): StagedPath {
    const mark = path.join(dir, `.pype-${this.#place.token}-${this.#staged.length}`)
    return {
      ...one,
      // The end of the name stays: its suffix says the format. 60 characters keep the whole below the system's limit.
      staged: `${mark}-${path.basename(one.target).slice(-60)}`,
      aside: `${mark}-old`,
      lead: lead === undefined ? undefined : { staged: `${mark}-lead`, bytes: lead },
    }
  }

  #owner(): string {
    return nameInFrame(this.#place.subFlow, this.#place.frame)
  }
}

function targetExists(target: string, node: string): PypeError {
  return new PypeError('TARGET_EXISTS', `${target} exists already.`, { node, hint: 'remove it, or choose another mode' })
}
