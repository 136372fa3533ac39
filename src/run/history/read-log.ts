import path from 'node:path'
import { isWanted, type LogEntry, type LogWanted, parseLogLine } from './log-entry.js'
import { readLogLines } from './read-log-lines.js'
import { watchRun } from './watch-run.js'

/** How the log of a run is read. */
export interface LogReading extends LogWanted {
  /** Of what is there at first, so many of the last ones. */
  readonly tail?: number
  /** Goes on until the run ends. */
  readonly follow: boolean
  /** Counted up: lines, those of them that are wanted, and those that are none of a log. */
  readonly counts: { lines: number; shown: number; unreadable: number }
}

/** The lines of the log of a run that are wanted, in pieces of some at once. */
export async function* readLogEntries(runsFolder: string, run: string, reading: LogReading): AsyncGenerator<readonly LogEntry[]> {
  const { tail, follow, counts } = reading
  /** The last ones of what is there, until all of that was read. */
  let held: LogEntry[] | undefined = tail === undefined ? undefined : []
  const isGoingOn = follow ? { isGoingOn: watchRun(runsFolder, run) } : {}
  for await (const lines of readLogLines(path.join(runsFolder, run), isGoingOn)) {
    const entries = lines.flatMap((line) => parseLogLine(line) ?? [])
    const wanted = entries.filter((entry) => isWanted(entry, reading))
    counts.lines += lines.length
    counts.unreadable += lines.length - entries.length
    counts.shown += wanted.length
    if (held === undefined) yield wanted
    else if (lines.length > 0) held = [...held, ...wanted].slice(-(tail ?? 0))
    else {
      yield held
      held = undefined
    }
  }
  if (held !== undefined) yield held
}
