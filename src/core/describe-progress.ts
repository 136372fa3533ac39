import { formatCount } from './quantity.js'
import type { ProgressStatus } from './run-progress.js'

/** How many of something have come how far. */
export type ProgressCounts = { readonly [status in ProgressStatus]?: number }

const OTHERS = ['failed', 'cancelled', 'killed', 'running', 'blocked', 'skipped', 'not begun'] as const

/**
 * `3 of 6 completed, 1 failed`, with a `word` `3 of 6 sub flows completed, …`, and `6 completed` where all came to one end. `note` is put behind
 * `completed`.
 */
export function describeProgress(counts: ProgressCounts, total: number, word?: string, note = ''): string {
  const { completed = 0 } = counts
  const all = Math.max(total, sumOf(counts))
  const named = `${formatCount(all)}${word === undefined ? '' : ` ${word}${all === 1 ? '' : 's'}`}`
  if (completed === all) return `${named} completed${note}`
  const only = OTHERS.find((status) => counts[status] === all)
  if (only !== undefined) return `${named} ${only}`
  const others = OTHERS.flatMap((status) => ((counts[status] ?? 0) === 0 ? [] : [`, ${formatCount(counts[status] ?? 0)} ${status}`]))
  return `${formatCount(completed)} of ${named} completed${note}${others.join('')}`
}

/** Counts that tell of the whole: what they lack of the total has not begun. */
export function fillProgress(counts: ProgressCounts, total: number): ProgressCounts {
  return { ...counts, 'not begun': Math.max(0, total - sumOf(counts)) }
}

/** How many there are of each. */
export function countProgress(statuses: Iterable<ProgressStatus>): ProgressCounts {
  const counts: { [status in ProgressStatus]?: number } = {}
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

function sumOf(counts: ProgressCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
