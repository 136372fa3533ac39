import { nameInFrame } from '../../../core/frame.js'
import type { SealedConnection } from '../../../database/database.js'
import { readJournal } from './read-journal.js'
import type { RunStarts } from './read-starts.js'
import type { EndRecord, IntentRecord, JournalRecord, ResumedRecord, RunRecord } from './records.js'

/** What the records of a run come to for whoever settles its commits. Sub flows are called as in their frame (`load#2.0`). */
export interface ReplayedState extends RunStarts {
  /** Commits that were begun and have no end. */
  readonly openIntents: ReadonlyMap<string, IntentRecord>
  /** Staged paths of attempts that have no end, by sub flow. */
  readonly staged: ReadonlyMap<string, readonly string[]>
  /** The tables that hold tokens of the run. */
  readonly tokenTables: Iterable<TokenTable>
  /** How the last process ended; undefined: it did not. */
  readonly end: EndRecord | undefined
  /** Bytes of whole records; what follows is torn. */
  readonly length: number
}

/** A table of tokens, and how its database is reached. */
export interface TokenTable {
  readonly connection: SealedConnection
  readonly table: string
}

/** Kinds that say nothing of commits, and are many. */
const OF_THE_WALK: ReadonlySet<string> = new Set(['settled', 'list', 'frame'] satisfies JournalRecord['kind'][])

/** Folds a journal into the state that it stands for. Throws JOURNAL_BROKEN. */
export function replayJournal(file: string): ReplayedState {
  const state = new Folding()
  state.length = readJournal(
    file,
    (record) => state.fold(record),
    (kind) => !OF_THE_WALK.has(kind),
  )
  return state
}

/*
 * A sub flow in a frame
 *   -> staging    started
 *   -> committing intent      (staging, or nothing recorded)
 *   -> completed  completed   (any)
 *   -> failed     failed      (staging; one that is committing stays so)
 *   -> aborted    abort       (committing)
 */
class Folding implements ReplayedState {
  run: RunRecord | undefined
  end: EndRecord | undefined
  length = 0
  readonly openIntents = new Map<string, IntentRecord>()
  readonly staged = new Map<string, string[]>()
  readonly resumes: ResumedRecord[] = []
  readonly #tokenTables = new Map<string, TokenTable>()

  get tokenTables(): Iterable<TokenTable> {
    return this.#tokenTables.values()
  }

  fold(record: JournalRecord): void {
    switch (record.kind) {
      case 'run':
        this.run = record
        return
      case 'resumed':
        this.resumes.push(record)
        this.end = undefined
        return
      case 'started':
        if (record.staged !== undefined) listFor(this.staged, nameInFrame(record.sub_flow, record.frame)).push(record.staged)
        return
      case 'intent':
        this.openIntents.set(nameInFrame(record.sub_flow, record.frame), record)
        for (const { connection, token } of record.databases) {
          this.#tokenTables.set(JSON.stringify([connection, token.table]), { connection, table: token.table })
        }
        return
      case 'completed':
        this.openIntents.delete(nameInFrame(record.sub_flow, record.frame))
        this.staged.delete(nameInFrame(record.sub_flow, record.frame))
        return
      case 'abort':
        this.openIntents.delete(nameInFrame(record.sub_flow, record.frame))
        return
      case 'failed':
        // Its staged files went before the record was written; those of an open intent belong to the commit.
        this.staged.delete(nameInFrame(record.sub_flow, record.frame))
        return
      case 'end':
        this.end = record
        return
      case 'settled':
      case 'list':
      case 'frame':
        return
    }
  }
}

function listFor(map: Map<string, string[]>, key: string): string[] {
  const list = map.get(key) ?? []
  map.set(key, list)
  return list
}
