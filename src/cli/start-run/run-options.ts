import path from 'node:path'
import { OVERLAP_POLICIES, type OverlapPolicy } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import type { LogLevel } from '../../core/events.js'
import { suggestNearest } from '../../core/suggest.js'
import type { LogDestination } from '../../run/observe/log-lines.js'
import type { RunOptions } from '../../run/run-options.js'
import { onStall } from '../process-end.js'

/** The options of `pype run` as the command line gives them. */
export interface RunFlags {
  readonly context?: string
  readonly set: readonly string[]
  readonly date?: string
  readonly threads?: string
  readonly runs?: string
  /** True: the last run. */
  readonly resume?: string | true
  readonly again?: true | readonly string[]
  readonly force?: boolean
  readonly onOverlap?: string
  readonly keep?: boolean
  readonly cwd?: string
  readonly log: readonly string[]
  readonly logLevel: string
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']
const DESTINATIONS: readonly LogDestination[] = ['file', 'stderr']

/** Checks the options of `pype run`. Throws USAGE. */
export function readRunOptions(flags: RunFlags, cwd: string, env: RunOptions['env']): RunOptions {
  return {
    // A path on the command line is the shell's; a name has neither a slash nor a dot.
    context: flags.context !== undefined && /[/.]/.test(flags.context) ? path.resolve(cwd, flags.context) : flags.context,
    set: flags.set,
    date: flags.date,
    threads: flags.threads === undefined ? undefined : readThreads(flags.threads),
    runs: flags.runs === undefined ? undefined : path.resolve(cwd, flags.runs),
    ...readResume(flags),
    onOverlap: flags.onOverlap === undefined ? undefined : readPolicy(flags.onOverlap),
    keep: flags.keep,
    cwd: path.resolve(cwd, flags.cwd ?? '.'),
    insistsOnCwd: flags.cwd !== undefined,
    onStall,
    env,
    log: { level: readLevel(flags.logLevel), destinations: readDestinations(flags.log) },
  }
}

function readResume({ resume, again, force }: RunFlags): Pick<RunOptions, 'resume' | 'again' | 'force'> {
  return {
    resume: resume === undefined || resume === 'auto' ? resume : { run: resume === true ? undefined : resume },
    ...(again === undefined || again === true ? {} : { again }),
    ...(force === undefined ? {} : { force }),
  }
}

function readThreads(text: string): number {
  const threads = Number(text)
  if (Number.isInteger(threads) && threads >= 1) return threads
  throw new PypeError('USAGE', `--threads ${text} is not a whole number of at least 1.`, { hint: 'e.g. --threads 8' })
}

function readPolicy(text: string): OverlapPolicy {
  const policy = OVERLAP_POLICIES.find((known) => known === text)
  if (policy !== undefined) return policy
  throw new PypeError('USAGE', `--on-overlap ${text} is not known.`, {
    hint: suggestNearest(text, OVERLAP_POLICIES, `use ${OVERLAP_POLICIES.join(', ')}`),
  })
}

function readLevel(text: string): LogLevel {
  const level = LEVELS.find((known) => known === text)
  if (level !== undefined) return level
  throw new PypeError('USAGE', `--log-level ${text} is not a level.`, {
    hint: suggestNearest(text, LEVELS, `use ${LEVELS.join(', ')}`),
  })
}

function readDestinations(given: readonly string[]): readonly LogDestination[] {
  const words = given.flatMap((one) => one.split(',')).map((word) => word.trim())
  if (words.length === 0) return ['file']
  if (words.length === 1 && words[0] === 'none') return []
  return [...new Set(words)].map((word) => {
    const destination = DESTINATIONS.find((known) => known === word)
    if (destination !== undefined) return destination
    throw new PypeError('USAGE', `--log ${word} is no place for a log.`, {
      hint: suggestNearest(word, DESTINATIONS, 'use file, stderr, both with a comma, or none alone'),
    })
  })
}
