import path from 'node:path'
import type { RunStatus } from '../../core/events.js'
import { hasBegun } from '../../run/history/has-begun.js'
import { formatSummary } from '../../run/observe/format-summary.js'
import type { RunSummary } from '../../run/observe/summary.js'
import { runJob } from '../../run/run.js'
import type { RunOptions } from '../../run/run-options.js'
import { completeRunId } from '../past-runs/find/run-of-job.js'
import { openPage } from '../terminal/open-page.js'
import { printRunErrors } from '../terminal/print-error.js'
import { printResult } from './print-result.js'
import { formatResume, formatRunAgain } from './run-again.js'
import type { RunCommandFlags, ShownRun } from './shown-run.js'

/** Starts one run, or goes on with one, and prints how it ended: its errors, the summary, and the command that goes on with it. */
export async function runOnce({ job, folder, options, flags, display }: ShownRun): Promise<RunStatus> {
  const summary = await runJob(folder, nameResumed(folder, options))
  display.close()
  if (summary.errors.length > 0) printRunErrors(summary.errors)
  if (!flags.quiet) process.stderr.write(openPage(process.stderr).spellSigns(formatSummary(summary)))
  if (summary.status !== 'completed') process.stderr.write(sayHowToGoOn(job, flags, summary))
  printResult(flags, summary, `${summary.run} ${summary.status}\n`)
  return summary.status
}

/** A part of an id is enough to name the run that is resumed. */
function nameResumed(folder: string, options: RunOptions): RunOptions {
  if (typeof options.resume !== 'object' || options.resume.run === undefined) return options
  return { ...options, resume: { run: completeRunId(folder, options.runs ?? path.join(folder, 'runs'), options.resume.run) } }
}

/** What had not begun when it failed has no record that a resume could go on from. */
function sayHowToGoOn(job: string, flags: RunCommandFlags, { run, folder }: RunSummary): string {
  return hasBegun(folder) ? formatResume(job, flags, run) : formatRunAgain(job, flags)
}
