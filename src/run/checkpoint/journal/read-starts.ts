import { readJournal } from './read-journal.js'
import type { JournalRecord, ResumedRecord, RunRecord } from './records.js'

/** When, and with what, the processes of a run have started. */
export interface RunStarts {
  readonly run: RunRecord | undefined
  /** What resumes have said, the oldest first. */
  readonly resumes: readonly ResumedRecord[]
}

const OF_STARTS: ReadonlySet<string> = new Set(['run', 'resumed'] satisfies JournalRecord['kind'][])

/** Reads from a journal how its processes have started. Throws JOURNAL_BROKEN. */
export function readStarts(file: string): RunStarts {
  let run: RunRecord | undefined
  const resumes: ResumedRecord[] = []
  readJournal(
    file,
    (record) => {
      if (record.kind === 'run') run = record
      else if (record.kind === 'resumed') resumes.push(record)
    },
    (kind) => OF_STARTS.has(kind),
  )
  return { run, resumes }
}
