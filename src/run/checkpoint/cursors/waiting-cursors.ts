import path from 'node:path'
import { nameInFrame } from '../../../core/frame.js'
import type { CursorMove } from '../../../database/database.js'
import { JOURNAL_FILE } from '../journal/journal.js'
import { readJournal } from '../journal/read-journal.js'
import { type IntentRecord, type JournalRecord, RUN_CURSORS, type RunRecord } from '../journal/records.js'
import { readStateFile, stateFileOf } from './state-file.js'

/** The cursors of a run that wait for its end, and what it has added meanwhile. */
export interface WaitingCursors {
  readonly run: RunRecord
  readonly moves: readonly CursorMove[]
  /** The sub flows that have added rows to targets, or are about to. */
  readonly added: ReadonlySet<string>
}

/** Reads from the journal of a run which cursors wait for its end. Undefined: none. Throws JOURNAL_BROKEN. */
export function readWaitingCursors(runFolder: string): WaitingCursors | undefined {
  const folding = new Folding()
  readJournal(
    path.join(runFolder, JOURNAL_FILE),
    (record) => folding.fold(record),
    (kind) => OF_CURSORS.has(kind),
  )
  const { run, moves, added, isMoving } = folding
  return run === undefined || moves.size === 0 || isMoving ? undefined : { run, moves: [...moves.values()].map(({ move }) => move), added }
}

/** What the end of a run says of its cursors, so that others need not read its journal. */
export function noteWaiting(runFolder: string): { readonly cursors_wait?: true } {
  return readWaitingCursors(runFolder) === undefined ? {} : { cursors_wait: true }
}

/** Whether a cursor is still where a run found it that has a move of it waiting: nobody has moved it since. */
export function isWhereFound(runsFolder: string, move: CursorMove): boolean {
  return (readStateFile(stateFileOf(runsFolder, move))?.value ?? null) === move.from
}

const OF_CURSORS: ReadonlySet<string> = new Set(['run', 'resumed', 'intent', 'completed', 'abort'] satisfies JournalRecord['kind'][])

class Folding {
  run: RunRecord | undefined
  /** The cursors move: whoever settles the run finishes that. */
  isMoving = false
  /** By node. */
  readonly moves = new Map<string, { readonly subFlow: string; readonly move: CursorMove }>()
  readonly #added = new Set<string>()
  readonly #committing = new Map<string, IntentRecord>()

  get added(): ReadonlySet<string> {
    const open = [...this.#committing.values()].flatMap((intent) => (addsRows(intent) ? [intent.sub_flow] : []))
    return new Set([...this.#added, ...open])
  }

  fold(record: JournalRecord): void {
    switch (record.kind) {
      case 'run':
        this.run = record
        return
      case 'resumed':
        // Their sources read again.
        for (const [node, { subFlow }] of this.moves) if (record.void.sub_flows.includes(subFlow)) this.moves.delete(node)
        return
      case 'intent':
        this.#committing.set(nameInFrame(record.sub_flow, record.frame), record)
        if (record.sub_flow === RUN_CURSORS) this.isMoving = true
        return
      case 'abort':
        this.#committing.delete(nameInFrame(record.sub_flow, record.frame))
        if (record.sub_flow === RUN_CURSORS) this.isMoving = false
        return
      case 'completed': {
        const name = nameInFrame(record.sub_flow, record.frame)
        const intent = this.#committing.get(name)
        this.#committing.delete(name)
        if (intent !== undefined && addsRows(intent)) this.#added.add(record.sub_flow)
        for (const move of record.cursors ?? []) this.moves.set(move.node, { subFlow: record.sub_flow, move })
        if (record.sub_flow === RUN_CURSORS) {
          this.isMoving = false
          this.moves.clear()
        }
        return
      }
    }
  }
}

function addsRows({ entries, databases }: IntentRecord): boolean {
  return entries.some(({ kind }) => kind === 'append') || databases.some(({ appends }) => appends)
}
