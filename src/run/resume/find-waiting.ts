import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { findNodesBefore } from '../../core/nodes-before.js'
import type { CursorMove } from '../../database/database.js'
import { stateFileOf } from '../checkpoint/cursors/state-file.js'
import { isWhereFound, readWaitingCursors, type WaitingCursors } from '../checkpoint/cursors/waiting-cursors.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { readJournal } from '../checkpoint/journal/read-journal.js'
import { readEnd } from '../checkpoint/journal/run-ends.js'
import { listRuns } from '../checkpoint/settle/leftovers.js'
import type { PreparedRun } from '../prepare-run.js'

/**
 * CURSOR_WAITS when a run of the job has added rows whose cursor waits for its end: a new run would read and add them once more. To be asked
 * before a new run leaves a trace, so that the one to go on with stays the last.
 */
export function findWaitingCursor({ runsFolder, job, context }: PreparedRun): PypeError | undefined {
  const nodesBefore = findNodesBefore(job.dag.data)
  for (const id of listRuns(runsFolder).reverse()) {
    if (!mayHoldCursors(path.join(runsFolder, id))) continue
    const waiting = readWaitingCursors(path.join(runsFolder, id))
    if (waiting === undefined || waiting.run.job !== job.name || waiting.run.context_name !== context.name) continue
    for (const move of waiting.moves) {
      const added = job.dag.nodes.filter(({ id: node, type, sub_flow }) => {
        return type !== 'mod' && waiting.added.has(sub_flow) && nodesBefore(node).has(move.node)
      })
      if (added.length === 0 || !isWhereFound(runsFolder, move) || wasMovedSince(runsFolder, id, move)) continue
      return describeWaiting(
        waiting,
        move,
        added.map((node) => node.id),
      )
    }
  }
  return undefined
}

/** Whether cursors wait for the end of a run of the job that are still where it found them. */
export function holdsCursors(runsFolder: string, run: string): boolean {
  const folder = path.join(runsFolder, run)
  return mayHoldCursors(folder) && readWaitingCursors(folder)?.moves.some((move) => isWhereFound(runsFolder, move)) === true
}

/** Reads the end of the journal only: those of most runs are long and hold no cursor. */
function mayHoldCursors(folder: string): boolean {
  const end = readEnd(folder)
  return end === undefined || end.cursors_wait === true
}

/** Who deletes a cursor that has moved on starts anew, and no run of the past is in the way. */
function wasMovedSince(runsFolder: string, run: string, move: CursorMove): boolean {
  const file = path.basename(stateFileOf(runsFolder, move))
  return listRuns(runsFolder).some((later) => {
    let isMoved = false
    if (later <= run) return false
    readJournal(
      path.join(runsFolder, later, JOURNAL_FILE),
      (record) => {
        if (record.kind === 'intent' && record.entries.some(({ target }) => path.basename(target) === file)) isMoved = true
      },
      (kind) => kind === 'intent',
    )
    return isMoved
  })
}

function describeWaiting({ run: { job, run, parent } }: WaitingCursors, { node }: CursorMove, added: readonly string[]): PypeError {
  const sinks = added.join(' and ')
  const goOn = parent === undefined ? `resume it: pype run ${job} --resume ${run}` : `resume the run ${parent}, whose node started it`
  return new PypeError(
    'CURSOR_WAITS',
    `The run ${run} has not completed, and what ${node} has read in it was added by ${sinks}: a new run would read and add it once more, for the cursor moves when that run completes.`,
    { node, hint: `${goOn}; or take out what ${sinks} added, and start with --force` },
  )
}
