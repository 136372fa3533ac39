import { randomUUID } from 'node:crypto'
import { messageOf, PypeError } from '../../../core/errors.js'
import { type FramePath, formatFrame, nameInFrame } from '../../../core/frame.js'
import type { CursorMove } from '../../../database/database.js'
import type { Lead, StageMode } from '../../../sdk/context.js'
import type { Connection, Cursor, DatabaseSession, DatabaseSnapshot, DatabaseTransaction } from '../../../sdk/database.js'
import type { CursorSource, Staging } from '../../execution/staging.js'
import type { SubFlowOutcome } from '../../execution/sub-flow/sub-flow-outcome.js'
import type { Refill } from '../../refill/refill.js'
import { openCursor } from '../cursors/open-cursor.js'
import { SubFlowCursors } from '../cursors/sub-flow-cursors.js'
import { SubFlowDatabases } from '../databases/sub-flow-databases.js'
import { SubFlowFiles } from '../files/sub-flow-files.js'
import type { ChildRun } from '../journal/records.js'
import type { CommitDeps } from './commit-deps.js'
import type { StagedAttempt } from './staged-attempt.js'
import { commitCursors, commitSubFlow } from './sub-flow-commit.js'

type Action = () => void | Promise<void>

/*
 * staging    -> committing   the intent is in the journal: from here on nothing is rolled back
 * staging    -> committed    nothing was staged
 * staging    -> rolled back
 * committing -> staging      no database has committed, and the journal says that the intent is given up
 * committing -> committed    everything is in place
 * What cannot be put in place stays committing; the next start of the job finishes it.
 */

/** The commit of one attempt of one sub flow. */
export class SubFlowStaging implements Staging {
  readonly #deps: CommitDeps
  readonly #attempt: StagedAttempt
  readonly #refills = new Map<string, Refill>()
  readonly #frozen = new Set<string>()
  readonly #onCommit: Action[] = []
  readonly #onRollback: Action[] = []
  #state: 'staging' | 'committing' | 'committed' | 'rolled back' = 'staging'

  constructor(deps: CommitDeps, subFlow: string, frame: FramePath, attempt: number) {
    this.#deps = deps
    const place = { subFlow, frame, attempt, token: createToken() }
    const cursors = new SubFlowCursors(deps.cursors)
    this.#attempt = {
      place,
      files: new SubFlowFiles(deps, place),
      cursors,
      databases: new SubFlowDatabases({
        databases: deps.databases,
        tables: deps.tokenTables,
        owner: { run: deps.runId, subFlow, frame: formatFrame(frame) },
        positionOf: deps.positionOf,
        cursors,
      }),
      refills: this.#refills,
      frozen: this.#frozen,
      onIntent: () => {
        this.#state = 'committing'
      },
      onAbort: () => {
        this.#state = 'staging'
      },
    }
  }

  enter(node: string, connections: readonly Connection[]): void {
    this.#attempt.databases.enter(node, connections)
  }

  leave(node: string): void {
    this.#attempt.databases.leave(node)
  }

  freeze(refill: Refill, files: readonly string[]): void {
    this.#refills.set(refill.node.id, refill)
    for (const file of files) this.#frozen.add(file)
  }

  async transaction(node: string, connection: Connection, signal: AbortSignal): Promise<DatabaseTransaction> {
    this.#checkStaging(node)
    return this.#attempt.databases.transaction(node, connection, signal)
  }

  async snapshot(node: string, connection: Connection, signal: AbortSignal): Promise<DatabaseSnapshot> {
    this.#checkStaging(node)
    return this.#attempt.databases.snapshot(connection, signal)
  }

  async session(node: string, connection: Connection, signal: AbortSignal): Promise<DatabaseSession & { close(): Promise<void> }> {
    this.actOutside(node)
    return this.#attempt.databases.session(connection, signal)
  }

  cursor(node: string, source: CursorSource, signal: AbortSignal): Cursor {
    return openCursor(node, source, this.#attempt, () => this.#checkStaging(node), signal)
  }

  async stageFile(node: string, target: string, mode: StageMode, lead?: Lead): Promise<string> {
    this.#checkStaging(node)
    return this.#attempt.files.stage(node, target, mode, mode === 'merge', lead)
  }

  async stageCopy(node: string, source: string, target: string, mode: 'replace' | 'create', signal: AbortSignal): Promise<void> {
    this.#checkStaging(node)
    return this.#attempt.files.stageCopy(node, source, target, mode, signal)
  }

  async stageMove(node: string, source: string, target: string, mode: 'replace' | 'create', signal: AbortSignal): Promise<void> {
    this.#checkStaging(node)
    return this.#attempt.files.stageMove(node, source, target, mode, signal)
  }

  async stageDelete(node: string, target: string, recursive: boolean): Promise<void> {
    this.#checkStaging(node)
    return this.#attempt.files.stageDelete(node, target, recursive)
  }

  actOutside(node: string, child?: ChildRun): void {
    this.#checkStaging(node)
    const { journal } = this.#deps
    const { subFlow, frame, attempt } = this.#attempt.place
    const started = { kind: 'started', sub_flow: subFlow, frame, attempt, node } as const
    journal.append(child === undefined ? started : { ...started, child })
    journal.flush()
  }

  onCommit(action: Action): void {
    this.#checkStaging()
    this.#onCommit.push(action)
  }

  onRollback(action: Action): void {
    this.#checkStaging()
    this.#onRollback.push(action)
  }

  tokenOf(node: string): string {
    const { frame, token } = this.#attempt.place
    return `${this.#deps.runId}-${nameInFrame(node, frame)}-${token}`
  }

  #checkStaging(node?: string): void {
    if (this.#state === 'staging') return
    throw new PypeError('INTERNAL', `${node ?? 'A node'} of ${this.#owner()} was used after its sub flow had ended.`, { node })
  }

  /** Makes all that was staged visible. When it rejects before the intent is written, or gives it up, `rollback` undoes everything. */
  async commit(outcome: SubFlowOutcome): Promise<void> {
    await commitSubFlow(this.#deps, this.#attempt, outcome)
    this.#state = 'committed'
    for (const action of this.#onCommit) await this.#runAction(action, 'after the commit')
  }

  /** Moves the cursors that have waited for the end of the run. */
  async commitCursors(moves: readonly CursorMove[]): Promise<void> {
    await commitCursors(this.#deps, this.#attempt, moves)
    this.#state = 'committed'
  }

  /** Undoes an attempt that did not commit. Once a commit has begun, only connections are let go. */
  async rollback(): Promise<void> {
    await this.#attempt.databases.rollback()
    if (this.#state !== 'staging') return
    this.#state = 'rolled back'
    for (const action of this.#onRollback.reverse()) await this.#runAction(action, 'while it was rolled back')
    this.#attempt.files.remove()
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
    const { subFlow, frame } = this.#attempt.place
    return nameInFrame(subFlow, frame)
  }
}

/** 16 hexadecimal digits. A UUID is taken from a store of random bytes, which the system is not asked for each time. */
function createToken(): string {
  return randomUUID().replaceAll('-', '').slice(0, 16)
}
