import { quoteWord } from '../../core/quote-word.js'
import type { BackfillFlags } from './backfill-flags.js'
import type { RunFlags } from './run-options.js'

/** The options that a run is repeated with, in the order of the help. Those for what is logged and printed are left away. */
const REPEATED = {
  context: '--context',
  set: '--set',
  date: '--date',
  from: '--from',
  to: '--to',
  every: '--every',
  parallel: '--parallel',
  again: '--again',
  keepGoing: '--keep-going',
  threads: '--threads',
  keep: '--keep',
  runs: '--runs',
  onOverlap: '--on-overlap',
  cwd: '--cwd',
} as const satisfies { readonly [flag in keyof (RunFlags & BackfillFlags)]?: string }

type Repeated = Partial<Pick<RunFlags & BackfillFlags, keyof typeof REPEATED>>

/** Those of them that say how a run goes on; what it is about, a resume has from the run. */
const REPEATED_IN_RESUME = ['threads', 'runs', 'onOverlap'] as const satisfies readonly (keyof typeof REPEATED)[]

/** The line behind the summary of a backfill that has not completed: the command that runs it again, for a shell. */
export function formatRunAgain(job: string, flags: Repeated): string {
  return `to run it again: ${formatCommand(job, toOptions(flags))}\n`
}

/** The line behind the summary of a run that has not completed: the command that goes on with it, for a shell. */
export function formatResume(job: string, flags: Repeated, run: string): string {
  const kept = Object.fromEntries(REPEATED_IN_RESUME.flatMap((flag) => (flags[flag] === undefined ? [] : [[flag, flags[flag]]])))
  return `to resume it: ${formatCommand(job, ['--resume', run, ...toOptions(kept)])}\n`
}

/** The command that goes on with a run, for a shell; `runs` is the folder of its runs where that is not in the job's. */
export function nameResume(job: string, run: string, runs: string | undefined): string {
  return formatCommand(job, ['--resume', run, ...(runs === undefined ? [] : ['--runs', runs])])
}

function toOptions(flags: Repeated): string[] {
  return Object.entries(REPEATED).flatMap(([flag, option]) => toWords(option, flags[flag as keyof Repeated]))
}

function formatCommand(job: string, options: readonly string[]): string {
  // A name that begins with a dash would be read as an option.
  const path = job.startsWith('-') ? `./${job}` : job
  return ['pype', 'run', path, ...options].map(quoteWord).join(' ')
}

function toWords(option: string, value: string | boolean | readonly string[] | undefined): string[] {
  if (value === undefined || value === false) return []
  if (value === true) return [option]
  return (typeof value === 'string' ? [value] : value).flatMap((each) => [option, each])
}
