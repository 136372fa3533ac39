import stringWidth from 'string-width'
import { alignCells } from '../../core/align-cells.js'
import { describeProgress, type ProgressCounts } from '../../core/describe-progress.js'
import { formatCount, formatSeconds } from '../../core/quantity.js'
import { hangText } from '../../core/wrap-text.js'
import type { HistoryEntry } from '../../run/history/list-history.js'
import { nameResume } from '../start-run/run-again.js'
import type { RunsPlace } from './find/find-runs-folders.js'

/** The runs of a job, and how each can be resumed. */
export interface JobRuns {
  readonly job: string
  readonly folder: string
  /** Runs that have not completed whose rows stay, from the newest on. */
  readonly keep_resumable: number
  readonly runs: readonly ListedRun[]
}

/** A run with the command that resumes it; null when nothing does. `sub_flows`: how many have come how far, where that was read. */
export type ListedRun = HistoryEntry & { readonly resume: string | null; readonly sub_flows: ProgressCounts | null }

/** Adds the commands, and how far runs have come. `runs` is what the command line gave. */
export function describeJobRuns(
  { job, folder, keepResumable }: RunsPlace,
  entries: readonly HistoryEntry[],
  howFar: ReadonlyMap<string, ProgressCounts>,
  runs: string | undefined,
): JobRuns {
  return {
    job,
    folder,
    keep_resumable: keepResumable,
    runs: entries.map((entry) => ({
      ...entry,
      resume: entry.why_not_resumable === null ? nameResume(job, entry.run, runs) : null,
      sub_flows: howFar.get(entry.run) ?? null,
    })),
  }
}

interface TableColumn {
  readonly title: string
  readonly cell: (run: ListedRun) => string
  readonly isNumber?: true
  /** Where the terminal is too narrow for the whole table. */
  readonly short?: Pick<TableColumn, 'title' | 'cell'>
  /** Left out where it is too narrow for that too: the id of a run says when it started. */
  readonly isSpare?: true
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'run', cell: ({ run }) => run },
  { title: 'status', cell: ({ status }) => status },
  { title: 'date', cell: ({ date }) => date?.replace(/ 00:00:00$/, '') ?? '-' },
  {
    title: 'started (UTC)',
    cell: ({ started }) => formatStart(started, 0, 19),
    short: { title: 'started', cell: ({ started }) => formatStart(started, 5, 16) },
    isSpare: true,
  },
  { title: 'time', cell: ({ seconds }) => (seconds === null ? '-' : formatSeconds(seconds, 1)), isNumber: true },
  { title: 'rows', cell: ({ rows }) => (rows === null ? '-' : formatCount(rows)), isNumber: true },
]

/** A table for each job, shortened where the terminal is too narrow, and what there is to say on resuming. */
export function formatJobRuns(jobs: readonly JobRuns[], width: number): string {
  return jobs.map((each) => `${each.job}\n${each.runs.length === 0 ? '  no runs\n' : formatRuns(each, width)}`).join('\n')
}

function formatRuns({ runs, keep_resumable }: JobRuns, width: number): string {
  const short = COLUMNS.map((column) => ({ ...column, ...column.short }))
  const shortest = formatTable(
    short.filter(({ isSpare }) => isSpare !== true),
    runs,
  )
  const tables = [formatTable(COLUMNS, runs), formatTable(short, runs)]
  const lines = tables.find((table) => table.every((line) => stringWidth(line) <= width)) ?? shortest
  const incomplete = runs.filter(({ status }) => status !== 'completed')
  // Older ones have lost their rows; how to resume them all the same is in the JSON.
  const notes = incomplete.slice(0, Math.max(1, keep_resumable)).flatMap((run) => formatNotes(run, width))
  return [...lines, ...notes].map((line) => `${line}\n`).join('')
}

function formatTable(columns: readonly TableColumn[], runs: readonly ListedRun[]): string[] {
  const rows = [columns.map(({ title }) => title), ...runs.map((run) => columns.map(({ cell }) => cell(run)))]
  const numbers = columns.flatMap(({ isNumber }, i) => (isNumber === true ? [i] : []))
  return alignCells(rows, numbers).map((line) => `  ${line}`)
}

/** A command is not broken: it is to be copied. */
function formatNotes({ run, status, resume, why_not_resumable: reason, sub_flows: counts }: ListedRun, width: number): readonly string[] {
  const howFar = counts === null ? [] : [hangText('  ', `${run}: ${describeProgress(counts, 0, 'sub flow')}`, width)]
  if (resume !== null) return [...howFar, `  to resume it: ${resume}`]
  return [...howFar, ...(status === 'running' ? [] : [hangText('  ', `${run} cannot be resumed: ${reason}`, width)])]
}

function formatStart(started: string | null, from: number, to: number): string {
  return started?.slice(from, to).replace('T', ' ') ?? '-'
}
