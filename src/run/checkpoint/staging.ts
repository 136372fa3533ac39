import { randomBytes } from 'node:crypto'
import { messageOf, PypeError } from '../../core/errors.js'
import { type FramePath, formatFrame, nameInFrame } from '../../core/frame.js'
import type { CursorMove } from '../../database/database.js'
import type { Lead, StageMode } from '../../sdk/context.js'
import type { Connection, Cursor, DatabaseSession, DatabaseSnapshot, DatabaseTransaction } from '../../sdk/database.js'
import type { CursorSource, Staging } from '../execution/staging.js'
import type { SubFlowOutcome } from '../execution/sub-flow-outcome.js'
import type { Refill } from '../refill/refill.js'
import { holdTargets } from './append-locks.js'
import { type CommitShared, commitStaged } from './commit-staged.js'
import { toCompletion } from './completion.js'
import { checkStateFiles } from './cursors/check-state-files.js'
import type { RunCursors } from './cursors/run-cursors.js'
import { formatState } from './cursors/state-file.js'
import { SubFlowCursors } from './cursors/sub-flow-cursors.js'
import { type ReadyTransaction, type RunDatabases, SubFlowDatabases } from './databases/sub-flow-databases.js'
import type { TokenTables } from './databases/token-tables.js'
import type { CompletedRecord, Completion } from './records.js'
import { SubFlowFiles } from './sub-flow-files.js'
import { followTarget } from './target.js'

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
  readonly #files: SubFlowFiles
  readonly #refills = new Map<string, Refill>()
  readonly #frozen = new Set<string>()
  readonly #cursors: SubFlowCursors
  readonly #databases: SubFlowDatabases
  readonly #onCommit: Action[] = []
  readonly #onRollback: Action[] = []
  #state: 'staging' | 'committing' | 'committed' | 'rolled back' = 'staging'

  constructor(deps: CommitDeps, subFlow: string, frame: FramePath, attempt: number) {
    this.#deps = deps
    this.#subFlow = subFlow
    this.#frame = frame
    this.#attempt = attempt
    this.#files = new SubFlowFiles(deps, { subFlow, frame, attempt, token: this.#token })
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

  cursor(node: string, { findPlace, describe }: CursorSource, signal: AbortSignal): Cursor {
    return {
      read: async ({ again = false, of = [] } = {}) => {
        this.#checkStaging(node)
        if (this.#frame.length > 0) throw cursorInLoop(node)
        const place = findPlace()
        const keeper = place.kind === 'database' ? await this.#databases.cursorKeeper(node, place.connection, signal) : place
        const use = { ...(of.length > 0 && { of: describe(of) }), into: place.targets }
        return this.#cursors.read(node, keeper, again, use)
      },
      move: (value) => this.#cursors.move(node, value),
    }
  }

  async stageFile(node: string, target: string, mode: StageMode, lead?: Lead): Promise<string> {
    this.#checkStaging(node)
    return this.#files.stage(node, target, mode, mode === 'merge', lead)
  }

  async stageCopy(node: string, source: string, target: string, mode: 'replace' | 'create', signal: AbortSignal): Promise<void> {
    this.#checkStaging(node)
    return this.#files.stageCopy(node, source, target, mode, signal)
  }

  async stageMove(node: string, source: string, target: string, mode: 'replace' | 'create', signal: AbortSignal): Promise<void> {
    this.#checkStaging(node)
    return this.#files.stageMove(node, source, target, mode, signal)
  }

  async stageDelete(node: string, target: string, recursive: boolean): Promise<void> {
    this.#checkStaging(node)
    return this.#files.stageDelete(node, target, recursive)
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
    if (this.#files.isEmpty && transactions.length === 0) this.#deps.journal.append(completed)
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
      const staged = await this.#files.stage(move.node, cursors.fileOf(move.node), 'replace', false)
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
    const { cursors, positionOf } = this.#deps
    const staged = this.#files.inOrder(positionOf)
    const { changes } = this.#files
    const appends = staged.filter(({ mode }) => mode === 'append').map(({ target }) => target)
    const keptIn = moves.map(({ node }) => followTarget(cursors.fileOf(node)))
    // A file that two sub flows would take is there for the first one only.
    await holdTargets(
      [...appends, ...keptIn],
      changes.map(({ source }) => source),
      async () => {
        checkStateFiles(moves, (node) => cursors.fileOf(node))
        await commitStaged(this.#deps, {
          subFlow: this.#subFlow,
          frame: this.#frame,
          attempt: this.#attempt,
          staged,
          changes,
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
    this.#files.remove()
    for (const file of this.#frozen) this.#deps.disk.remove(file)
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
