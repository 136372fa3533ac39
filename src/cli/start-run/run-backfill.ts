import type { RunStatus } from '../../core/events.js'
import { backfill } from '../../run/backfill/backfill.js'
import { formatBackfill, formatBackfillRun } from '../../run/backfill/format-backfill.js'
import { printRunErrors } from '../terminal/print-error.js'
import { readBackfillOptions } from './backfill-options.js'
import { printResult } from './print-result.js'
import { formatRunAgain } from './run-again.js'
import type { ShownRun } from './shown-run.js'

/** Runs a job once for each of its dates, and prints how each of them ended and what the whole came to. */
export async function runBackfill({ job, folder, options: { again: _, ...options }, flags, display }: ShownRun): Promise<RunStatus> {
  let failed = 0
  const summary = await backfill(folder, {
    ...options,
    ...readBackfillOptions(flags),
    listenersOf: display.listenersOf,
    onRun: (run, ended, total) => {
      if (run.errors.length > 0) printRunErrors(run.errors)
      if (run.status === 'failed') failed++
      display.countDates(ended, failed, total)
      display.print(formatBackfillRun(run, ended, total))
    },
  })
  display.close()
  if (summary.status !== 'completed') process.stderr.write(formatRunAgain(job, flags))
  printResult(flags, summary, formatBackfill(summary))
  return summary.status
}
