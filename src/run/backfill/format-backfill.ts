import { alignCells } from '../../core/align-cells.js'
import { formatCount, formatQuantity, formatSeconds } from '../../core/quantity.js'
import type { BackfillRun, BackfillSummary } from './backfill.js'

/** What came of a backfill, for people: a table with a row for each date, and the counts. */
export function formatBackfill(summary: BackfillSummary): string {
  const header = ['date', 'status', 'run', 'seconds', 'rows']
  const rows = summary.runs.map((run) => [
    formatDate(run.date),
    formatStatus(run),
    run.run ?? '-',
    run.seconds?.toFixed(2) ?? '-',
    run.rows === null ? '-' : formatCount(run.rows),
  ])
  return `${[...alignCells([header, ...rows], [3, 4]), countEnds(summary)].join('\n')}\n`
}

/** A line on one date that has ended. */
export function formatBackfillRun(run: BackfillRun, ended: number, total: number): string {
  const seconds = run.seconds === null ? '' : ` in ${formatSeconds(run.seconds, 2)}`
  const rows = run.rows === null ? '' : `, ${formatQuantity(run.rows, 'row')}`
  const which = run.run === null ? '' : ` (${run.run})`
  return `${formatDate(run.date)} ${formatStatus(run)}${seconds}${rows}${which}, ${ended} of ${total}\n`
}

function countEnds({ job, status, runs, seconds }: BackfillSummary): string {
  const counts = (['completed', 'skipped', 'failed', 'cancelled', 'not_started'] as const)
    .map((end) => [end, runs.filter((run) => run.status === end).length] as const)
    .filter(([, count]) => count > 0)
    .map(([end, count]) => `${formatCount(count)} ${end.replace('_', ' ')}`)
  return `${job} ${status}: ${counts.join(', ')} in ${formatSeconds(seconds, 2)}`
}

/** Midnight is left away. */
function formatDate(date: string): string {
  return date.replace(/ 00:00:00$/, '')
}

function formatStatus({ status }: BackfillRun): string {
  return status.replace('_', ' ')
}
