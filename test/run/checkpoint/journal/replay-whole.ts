import { nameInFrame } from '../../../../src/core/frame.js'
import { readJournal } from '../../../../src/run/checkpoint/journal/read-journal.js'
import type { ChildRun, CompletedRecord } from '../../../../src/run/checkpoint/journal/records.js'
import { type ReplayedState, replayJournal } from '../../../../src/run/checkpoint/journal/replay.js'

/** What a journal comes to, with what only a resume asks for otherwise. */
interface WholeState extends ReplayedState {
  /** By sub flow in its frame. */
  readonly completed: ReadonlyMap<string, CompletedRecord>
  /** The run of another job that a node started last, by node in its frame. */
  readonly childRuns: ReadonlyMap<string, ChildRun>
}

export function replayWhole(file: string): WholeState {
  const completed = new Map<string, CompletedRecord>()
  const childRuns = new Map<string, ChildRun>()
  readJournal(file, (record) => {
    if (record.kind === 'completed') completed.set(nameInFrame(record.sub_flow, record.frame), record)
    else if (record.kind === 'started' && record.child !== undefined) childRuns.set(nameInFrame(record.node, record.frame), record.child)
  })
  return Object.assign(replayJournal(file), { completed, childRuns })
}
