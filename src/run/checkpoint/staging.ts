import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { messageOf, PypeError } from '../../core/errors.js'
import { type FramePath, formatFrame, nameInFrame } from '../../core/frame.js'
import type { CursorMove } from '../../database/database.js'
import type { Lead, StageMode } from '../../sdk/context.js'
import type { Connection, Cursor, DatabaseSession, DatabaseSnapshot, DatabaseTransaction } from '../../sdk/database.js'
import type { CursorPlace, Refill, Staging, SubFlowOutcome } from '../execution/sub-flow.js'
import { holdTargets } from './append-locks.js'
import { type CommitShared, commitStaged } from './commit-staged.js'
import { toCompletion } from './completion.js'
import { copySource, followSource } from './copy-source.js'
import { checkStateFiles } from './cursors/check-state-files.js'
import type { RunCursors } from './cursors/run-cursors.js'
import { formatState } from './cursors/state-file.js'
import { SubFlowCursors } from './cursors/sub-flow-cursors.js'
import { type ReadyTransaction, type RunDatabases, SubFlowDatabases } from './databases/sub-flow-databases.js'
import type { TokenTables } from './databases/token-tables.js'
import { makeLastingFolder } from './make-folder.js'
import { Mounts } from './mounts.js'
import { isEmptyFolder, type StagedPath } from './plan-commit.js'
import type { CompletedRecord, Completion } from './records.js'
import { checkDelete, checkMove, findSource, refuseItself, type SourceChange } from './source-changes.js'
import { checkTarget, followTarget } from './target.js'

/** What all commits of a run share. */
export interface CommitDeps extends CommitShared {
  readonly databases: RunDatabases
  readonly tokenTables: TokenTables
  readonly cursors: RunCursors
  readonly runId: string
  /** Relative targets start here. */
  readonly cwd: string
  /** Position of a node in the order of declaration. */
  readonly positionOf: (node: string) => number
  /** Told of what an action after the commit threw: the sub flow is committed all the same. */
  readonly warn: (message: string, node: string | undefined) => void
}

type Action = () => void | Promise<void>

/*
 * staging    -> committing   the intent is in the journal: from here on nothing is rolled back
 * staging    -> committed    nothing was staged
 * staging    -> rolled back
 * committing -> staging      no database has committed, and the journal says that the intent is given up
 * committing -> committed    everything is in place
 * committing -> unfinished   putting it in place failed twice; the next start of the job finishes it
 */

/** The commit of one attempt of one sub flow. */
export class SubFlowStaging implements Staging {
  readonly #deps: CommitDeps
  readonly #subFlow: string
  readonly #frame: FramePath
  readonly #attempt: number
  readonly #token = randomBytes(8).toString('hex')
  readonly #staged: StagedPath[] = []
  readonly #changes: SourceChange[] = []
  readonly #made: string[] = []
  readonly #refills = new Map<string, Refill>()
  readonly #frozen = new Set<string>()
  readonly #cursors: SubFlowCursors
  readonly #databases: SubFlowDatabases
  #mounts: Mounts | undefined
  readonly #onCommit: Action[] = []
  readonly #onRollback: Action[] = []
  #state: 'staging' | 'committing' | 'committed' | 'rolled back' = 'staging'

  constructor(deps: CommitDeps, subFlow: string, frame: FramePath, attempt: number) {
    this.#deps = deps
    this.#subFlow = subFlow
    this.#frame = frame
    this.#attempt = attempt
    this.#cursors = new SubFlowCursors(deps.cursors)
    this.#databases = new SubFlowDatabases({
      databases: deps.databases,
      tables: deps.tokenTables,
      owner: { run: deps.runId, subFlow, frame: formatFrame(frame) },
      positionOf: deps.positionOf,
      cursors: this.#cursors,
    })
  }

  enter(node: string, connections: readonly Connection[]): void {
    this.#databases.enter(node, connections)
  }

  leave(node: string): void {
    this.#databases.leave(node)
  }

  freeze(refill: Refill, files: readonly string[]): void {
    this.#refills.set(refill.node.id, refill)
    for (const file of files) this.#frozen.add(file)
  }

  async transaction(node: string, connection: Connection, signal: AbortSignal): Promise<DatabaseTransaction> {
    this.#checkStaging(node)
    return this.#databases.transaction(node, connection, signal)
  }

  async snapshot(node: string, connection: Connection, signal: AbortSignal): Promise<DatabaseSnapshot> {
    this.#checkStaging(node)
    return this.#databases.snapshot(connection, signal)
  }

  async session(node: string, connection: Connection, signal: AbortSignal): Promise<DatabaseSession & { close(): Promise<void> }> {
    this.#checkStaging(node)
    this.actOutside(node)
    return this.#databases.session(connection, signal)
  }

  cursor(node: string, findPlace: () => CursorPlace, signal: AbortSignal): Cursor {
    return {
      read: async ({ again = false } = {}) => {
        this.#checkStaging(node)
        if (this.#frame.length > 0) throw cursorInLoop(node)
        const place = findPlace()
        const keeper = place.kind === 'database' ? await this.#databases.cursorKeeper(node, place.connection, signal) : place
        return this.#cursors.read(node, keeper, again)
      },
      move: (value) => this.#cursors.move(node, value),
    }
  }

  stageFile(node: string, target: string, mode: StageMode, lead?: Lead): Promise<string> {
    return this.#stage(node, target, mode, mode === 'merge', lead)
  }

  async #stage(node: string, target: string, mode: StageMode, keepsRights: boolean, lead?: Lead): Promise<string> {
    this.#checkStaging(node)
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
    const staged = await this.#stage(node, target, mode, true)
    await copySource(file, staged, this.#deps.disk, node, signal)
  }

  async stageMove(node: string, source: string, target: string, mode: 'replace' | 'create', signal: AbortSignal): Promise<void> {
    this.#checkStaging(node)
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
    this.#checkStaging(node)
    const found = findSource(path.resolve(this.#deps.cwd, target), node)
    checkDelete(found, recursive, this.#deps.cwd, node)
    this.#change(node, found, undefined, 'replace')
  }

  #change(node: string, { file, known }: ReturnType<typeof findSource>, target: string | undefined, mode: 'replace' | 'create'): void {
    const aside = path.join(path.dirname(file), `.pype-${this.#token}-${this.#changes.length}-gone`)
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
    this.#mounts ??= new Mounts(this.#deps.disk, `.pype-${this.#token}`, (staged, target) => this.#record(node, staged, target))
    return this.#mounts
  }

  /** A staged path is in the journal before it comes into being, so that it can be swept. */
  #record(node: string, staged: string, target: string): void {
    const { journal } = this.#deps
    journal.append({ kind: 'started', sub_flow: this.#subFlow, frame: this.#frame, attempt: this.#attempt, node, staged, target })
  }

  #makeFolder(folder: string): void {
    if (makeLastingFolder(this.#deps.disk, folder) !== undefined) this.#made.push(folder)
  }

  #checkStaging(node: string): void {
    if (this.#state !== 'staging') throw new PypeError('INTERNAL', `The node ${node} stages a file after its sub flow has ended.`, { node })
  }

  actOutside(node: string, child?: { readonly job: string; readonly run: string }): void {
    const { journal } = this.#deps
    const started = { kind: 'started', sub_flow: this.#subFlow, frame: this.#frame, attempt: this.#attempt, node } as const
    journal.append(child === undefined ? started : { ...started, child })
    journal.flush()
  }

  onCommit(action: Action): void {
    this.#onCommit.push(action)
  }

  onRollback(action: Action): void {
    this.#onRollback.push(action)
  }

  tokenOf(node: string): string {
    return `${this.#deps.runId}-${nameInFrame(node, this.#frame)}-${this.#token}`
  }

  /** Makes all that was staged visible. When it rejects before the intent is written, or gives it up, `rollback` undoes everything. */
  async commit(outcome: SubFlowOutcome): Promise<void> {
    const pending = this.#cursors.moves(({ kind }) => kind === 'run')
    const completion = { ...toCompletion(outcome), ...(pending.length > 0 && { cursors: pending }) }
    const completed = { kind: 'completed', sub_flow: this.#subFlow, frame: this.#frame, ...completion } as const
    const transactions = await this.#databases.prepare()
    const moves = this.#cursors.moves(({ kind }) => kind === 'file')
    await this.#stageCursors(moves)
    if (this.#staged.length === 0 && this.#changes.length === 0 && transactions.length === 0) this.#deps.journal.append(completed)
    else await this.#commitStaged(transactions, moves, completion, completed)
    this.#state = 'committed'
    for (const move of pending) this.#deps.cursors.pend(move)
    for (const action of this.#onCommit) await this.#runAction(action, 'after the commit')
  }

  /** Moves the cursors that have waited for the end of the run. */
  async commitCursors(moves: readonly CursorMove[]): Promise<void> {
    await this.#stageCursors(moves)
    const completion = { globals: {}, boundaries: [], nodes: [] }
    await this.#commitStaged([], moves, completion, { kind: 'completed', sub_flow: this.#subFlow, frame: this.#frame, ...completion })
    this.#state = 'committed'
  }

  /** The file of a cursor takes the way of every file. */
  async #stageCursors(moves: readonly CursorMove[]): Promise<void> {
    const { cursors, disk } = this.#deps
    for (const move of moves) {
      const staged = await this.#stage(move.node, cursors.fileOf(move.node), 'replace', false)
      const file = disk.openAppend(staged)
      try {
        disk.append(file, formatState(move))
      } finally {
        disk.close(file)
      }
    }
  }

  async #commitStaged(
    transactions: readonly ReadyTransaction[],
    moves: readonly CursorMove[],
    completion: Completion,
    completed: CompletedRecord,
  ): Promise<void> {
    const { cursors } = this.#deps
    this.#staged.sort((a, b) => this.#deps.positionOf(a.node) - this.#deps.positionOf(b.node))
    const appends = this.#staged.filter(({ mode }) => mode === 'append').map(({ target }) => target)
    const keptIn = moves.map(({ node }) => followTarget(cursors.fileOf(node)))
    // A file that two sub flows would take is there for the first one only.
    await holdTargets(
      [...appends, ...keptIn],
      this.#changes.map(({ source }) => source),
      async () => {
        checkStateFiles(moves, (node) => cursors.fileOf(node))
        await commitStaged(this.#deps, {
          subFlow: this.#subFlow,
          frame: this.#frame,
          attempt: this.#attempt,
          staged: this.#staged,
          changes: this.#changes,
          transactions,
          refills: this.#refills,
          frozen: [...this.#frozen],
          completion,
          onIntent: () => {
            this.#state = 'committing'
          },
          onAbort: () => {
            this.#state = 'staging'
          },
        })
        this.#deps.journal.append(completed)
      },
    )
  }

  /** Undoes an attempt that did not commit. Once a commit has begun, only connections are let go. */
  async rollback(): Promise<void> {
    await this.#databases.rollback()
    if (this.#state !== 'staging') return
    this.#state = 'rolled back'
    for (const action of this.#onRollback.reverse()) await this.#runAction(action, 'while it was rolled back')
    for (const { staged, lead } of this.#staged) for (const file of [staged, ...(lead ? [lead.staged] : [])]) this.#deps.disk.remove(file)
    for (const file of this.#frozen) this.#deps.disk.remove(file)
    for (const folder of this.#made) this.#removeEmpty(folder)
  }

  #nameStaged(one: Pick<StagedPath, 'node' | 'target' | 'mode' | 'keepsRights'>, dir: string, lead: Lead | undefined): StagedPath {
    const mark = path.join(dir, `.pype-${this.#token}-${this.#staged.length}`)
    return {
      ...one,
      // The end of the name stays: its suffix says the format. 60 characters keep the whole below the system's limit.
      staged: `${mark}-${path.basename(one.target).slice(-60)}`,
      aside: `${mark}-old`,
      lead: lead === undefined ? undefined : { staged: `${mark}-lead`, bytes: lead },
    }
  }

  #removeEmpty(folder: string): void {
    if (isEmptyFolder(folder)) this.#deps.disk.remove(folder)
  }

  async #runAction(action: Action, when: string): Promise<void> {
    try {
      await action()
    } catch (error) {
      this.#deps.warn(`An action of ${this.#owner()} failed ${when}: ${messageOf(error)}`, undefined)
    }
  }

  #owner(): string {
    return nameInFrame(this.#subFlow, this.#frame)
  }
}

function cursorInLoop(node: string): PypeError {
  return new PypeError('CURSOR_IN_LOOP', `${node} stands inside a loop and reads on from a cursor: each pass would move it.`, {
    node,
    hint: 'read before the loop, or leave the cursor out',
  })
}

function targetExists(target: string, node: string): PypeError {
  return new PypeError('TARGET_EXISTS', `${target} exists already.`, { node, hint: 'remove it, or choose another mode' })
}
