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

/**
 * The line behind the summary of a run that has not completed: the command that runs it again, for a shell. `date` is its logical time,
 * which a later call would not have by itself; undefined for a backfill, which names its dates.
 */
export function formatRunAgain(job: string, flags: Repeated, date?: string): string {
  const given: Repeated = date === undefined ? flags : { ...flags, date: date.replace(/ 00:00:00$/, '') }
  const options = Object.entries(REPEATED).flatMap(([flag, option]) => toWords(option, given[flag as keyof Repeated]))
  return `to run it again: ${['pype', 'run', job, ...options].map(quoteWord).join(' ')}\n`
}

function toWords(option: string, value: string | boolean | readonly string[] | undefined): string[] {
  if (value === undefined || value === false) return []
  if (value === true) return [option]
  return (typeof value === 'string' ? [value] : value).flatMap((each) => [option, each])
}

/** As one word of a POSIX shell. */
function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
