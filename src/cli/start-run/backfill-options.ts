import { PypeError } from '../../core/errors.js'
import { suggestNearest } from '../../core/suggest.js'
import type { BackfillOptions } from '../../run/backfill/backfill.js'
import { STEPS, type Step } from '../../run/backfill/plan-dates.js'
import type { BackfillFlags } from './backfill-flags.js'

type Range = Pick<BackfillOptions, 'from' | 'to' | 'every' | 'parallel' | 'again' | 'keepGoing'>

/** Checks the options of a backfill. Throws USAGE. */
export function readBackfillOptions({ date, from, to, every, parallel, again: nodes, keepGoing }: BackfillFlags): Range {
  const again = readAgain(nodes)
  const example = 'e.g. --from 2026-01-01 --to 2026-01-31'
  if (from === undefined || to === undefined) {
    const [given, missing] = from === undefined ? [firstGiven({ to, every, parallel, again, keepGoing }), '--from'] : ['--from', '--to']
    throw new PypeError('USAGE', `${given} needs ${missing}.`, { hint: example })
  }
  if (date !== undefined)
    throw new PypeError('USAGE', '--date is for one run, and --from and --to are for many.', { hint: `leave one of them away; ${example}` })
  return {
    from,
    to,
    every: every === undefined ? undefined : readStep(every),
    parallel: parallel === undefined ? undefined : readParallel(parallel),
    again,
    keepGoing,
  }
}

function readAgain(again: BackfillFlags['again']): boolean | undefined {
  if (again === undefined || again === true) return again
  throw new PypeError('USAGE', `--again ${again[0]} is for a resume.`, {
    hint: 'with --from and --to, --again stands alone: dates that have completed are run once more',
  })
}

function firstGiven(flags: { readonly [name: string]: string | boolean | undefined }): string {
  const name = Object.keys(flags).find((key) => flags[key] !== undefined) ?? ''
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function readStep(text: string): Step {
  const step = STEPS.find((known) => known === text)
  if (step !== undefined) return step
  throw new PypeError('USAGE', `--every ${text} is not known.`, {
    hint: suggestNearest(text, STEPS, `use ${STEPS.join(', ')}`),
  })
}

function readParallel(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new PypeError('USAGE', `--parallel ${text} is not a whole number of at least 1.`, { hint: 'e.g. --parallel 4' })
}
