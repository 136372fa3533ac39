import stringWidth from 'string-width'
import { formatCount } from '../core/quantity.js'
import type { HistoryEntry } from '../run/history/list-history.js'
import type { RunsPlace } from './find-runs-folders.js'
import { quoteWord } from './run-again.js'

/** The runs of a job, and how each can be resumed. */
export interface JobRuns {
  readonly job: string
  readonly folder: string
  readonly runs: readonly ListedRun[]
}

/** A run with the command that resumes it; null when nothing does. */
export type ListedRun = HistoryEntry & { readonly resume: string | null }

/** Adds the commands. `runs` is what the command line gave. */
export function describeJobRuns({ job, folder }: RunsPlace, entries: readonly HistoryEntry[], runs: string | undefined): JobRuns {
  const place = runs === undefined ? [] : ['--runs', runs]
  const resume = (run: string) => ['pype', 'run', job, '--resume', run, ...place].map(quoteWord).join(' ')
  return { job, folder, runs: entries.map((entry) => ({ ...entry, resume: entry.why_not_resumable === null ? resume(entry.run) : null })) }
}

interface TableColumn {
  readonly title: string
  readonly cell: (run: ListedRun) => string
  readonly isNumber?: true
  /** Left out first where the terminal is too narrow. */
  readonly optional?: true
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'run', cell: ({ run }) => run },
  { title: 'status', cell: ({ status }) => status },
  { title: 'date', cell: ({ date }) => date?.replace(/ 00:00:00$/, '') ?? '-' },
  // The id of a run tells it too.
  { title: 'started (UTC)', cell: ({ started }) => started?.slice(0, 19).replace('T', ' ') ?? '-', optional: true },
  { title: 'time', cell: ({ seconds }) => (seconds === null ? '-' : formatTime(seconds)), isNumber: true },
  { title: 'rows', cell: ({ rows }) => (rows === null ? '-' : formatCount(rows)), isNumber: true },
]

/** A table for each job, no wider than the terminal where its cells allow, and what there is to say on resuming. */
export function formatJobRuns(jobs: readonly JobRuns[], width: number): string {
  return jobs.map(({ job, runs }) => `${job}\n${runs.length === 0 ? '  no runs\n' : formatRuns(runs, width)}`).join('\n')
}

function formatRuns(runs: readonly ListedRun[], width: number): string {
  const whole = formatTable(COLUMNS, runs)
  const fits = whole.every((line) => stringWidth(line) <= width)
  const lines = fits
    ? whole
    : formatTable(
        COLUMNS.filter(({ optional }) => optional !== true),
        runs,
      )
  const notes = runs.filter(({ status }) => status !== 'completed' && status !== 'running').map(formatNote)
  return [...lines, ...notes].map((line) => `${line}\n`).join('')
}

function formatTable(columns: readonly TableColumn[], runs: readonly ListedRun[]): string[] {
  const rows = [columns.map(({ title }) => title), ...runs.map((run) => columns.map(({ cell }) => cell(run)))]
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => stringWidth(row[i] ?? ''))))
  return rows.map((row) => {
    const cells = row.map((text, i) => {
      const blanks = ' '.repeat((widths[i] ?? 0) - stringWidth(text))
      return columns[i]?.isNumber === true ? blanks + text : text + blanks
    })
    return `  ${cells.join('  ').trimEnd()}`
  })
}

function formatNote({ run, resume, why_not_resumable: reason }: ListedRun): string {
  return resume === null ? `  ${run} cannot be resumed: ${reason}` : `  to resume it: ${resume}`
}

function formatTime(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
