import { once } from 'node:events'
import type { Command } from 'commander'
import { alignCells } from '../../core/align-cells.js'
import { PypeError } from '../../core/errors.js'
import { formatBytes, formatQuantity } from '../../core/quantity.js'
import type { CleaningPlan, OldRuns, RemovableRun } from '../../run/housekeeping/clean-runs.js'
import type { RunsPlace } from '../past-runs/find/find-runs-folders.js'
import { printText } from '../terminal/print-text.js'

/** `pype clean [JOB…]`: removes the folders of old runs. */
export function register(program: Command): void {
  program
    .command('clean')
    .description('remove the folders of old runs; never of one that is going on, and of one that could be resumed only with --resumable')
    .argument('[job...]', 'job folders, or names of jobs in jobs/ (default: all of these)')
    .option('--keep <n>', 'keep the last n runs of each job (default: settings.keep_runs, unless --older-than is given)')
    .option('--older-than <age>', 'only runs that started longer ago: 30d, 12h, 2w')
    .option('--resumable', 'also runs that could still be resumed')
    .option('--dry-run', 'tell what would go, and remove nothing')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print JSON')
    .option('--runs <dir>', 'folder of the runs, instead of runs/ in the job folder')
    .addHelpText(
      'after',
      `
Examples:
  $ pype clean --dry-run
  $ pype clean --older-than 30d
  $ pype clean daily hourly --keep 5 --yes
  $ pype clean daily --older-than 12w --keep 10 --resumable --yes`,
    )
    .action((jobs: readonly string[], flags: Flags) => clean(jobs, flags))
}

interface Flags {
  readonly keep?: string
  readonly olderThan?: string
  readonly resumable?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
  readonly runs?: string
}

interface Planned {
  readonly place: RunsPlace
  readonly plan: CleaningPlan
}

async function clean(jobs: readonly string[], flags: Flags): Promise<void> {
  const [{ planCleaning, cleanRuns }, { findRunsFolders }] = await Promise.all([
    import('../../run/housekeeping/clean-runs.js'),
    import('../past-runs/find/find-runs-folders.js'),
  ])
  const { dryRun = false, json = false, runs } = flags
  const old = readOld(flags, new Date())
  const names = jobs.length === 0 ? [undefined] : [...new Set(jobs)]
  const planned: Planned[] = []
  for (const place of names.flatMap((job) => findRunsFolders(job, runs, process.cwd()))) {
    const keep = old.keep ?? (old.olderThan === undefined ? place.keepRuns : 0)
    planned.push({ place, plan: await planCleaning(place.folder, place.name, { ...old, keep }) })
  }
  if (!json) process.stdout.write(formatPlans(planned))
  const all = planned.flatMap(({ plan }) => plan.remove)
  const isMeant = !dryRun && all.length > 0 && (flags.yes === true || (await ask(all)))
  const results = []
  for (const { place, plan } of planned) {
    results.push({ job: place.job, folder: place.folder, removed: isMeant ? await cleanRuns(place.folder, plan) : [], plan })
  }
  if (json)
    process.stdout.write(
      `${JSON.stringify(
        results.map((result) => toJson(result, dryRun)),
        undefined,
        2,
      )}\n`,
    )
  else printText(formatEnd(all, isMeant ? results.flatMap(({ removed }) => removed) : undefined, dryRun))
}

function toJson(
  { job, folder, removed, plan }: { job: string; folder: string; removed: readonly RemovableRun[]; plan: CleaningPlan },
  dryRun: boolean,
) {
  const runs = (dryRun ? plan.remove : removed).map(({ end: _, ...run }) => run)
  return { job, folder, dry_run: dryRun, removed: runs, bytes: sum(runs), kept: plan.stay }
}

function formatPlans(planned: readonly Planned[]): string {
  return planned
    .filter(({ plan }) => plan.remove.length + plan.stay.length > 0)
    .map(({ place, plan }) => `${place.job}\n${formatPlan(plan)}`)
    .join('')
}

function formatPlan({ remove, stay }: CleaningPlan): string {
  const rows = remove.map(({ run, status, started, bytes }) => [
    run,
    status,
    started?.slice(0, 16).replace('T', ' ') ?? '-',
    formatBytes(bytes),
  ])
  return [...alignCells(rows, [3]), ...stay.map(({ run, reason }) => `${run} stays: ${reason}`)].map((line) => `  ${line}\n`).join('')
}

/** `removed` is undefined when nothing was to be removed. */
function formatEnd(all: readonly RemovableRun[], removed: readonly RemovableRun[] | undefined, dryRun: boolean): string {
  if (all.length === 0) return 'No run is old enough to be removed.\n'
  if (dryRun) return `${formatQuantity(all.length, 'run')} would go, ${formatBytes(sum(all))}.\n`
  if (removed === undefined) return 'Nothing was removed.\n'
  const since = all.length - removed.length
  const others = since === 0 ? '' : ` ${formatQuantity(since, 'run')} ${since === 1 ? 'stays, which is' : 'stay, which are'} being resumed.`
  return `${formatQuantity(removed.length, 'run')} removed, ${formatBytes(sum(removed))}.${others}\n`
}

/** Asks on a terminal. Throws USAGE where nobody can be asked, and CANCELLED for Ctrl-C. */
async function ask(all: readonly RemovableRun[]): Promise<boolean> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    throw new PypeError('USAGE', `${formatQuantity(all.length, 'run')} would go, and there is no terminal to ask on.`, {
      hint: 'add --yes, or --dry-run to see them',
    })
  }
  const { createInterface } = await import('node:readline/promises')
  const questions = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const question = questions.question(`Remove ${formatQuantity(all.length, 'run')}, ${formatBytes(sum(all))}? [y/N] `)
    // Ctrl-D ends the input without an answer.
    const answer = await Promise.race([question, once(questions, 'close').then(() => '')])
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error
    throw new PypeError('CANCELLED', 'Nothing was removed.', { cause: error })
  } finally {
    questions.close()
  }
}

function sum(runs: readonly { readonly bytes: number }[]): number {
  return runs.reduce((total, { bytes }) => total + bytes, 0)
}

function readOld({ keep, olderThan, resumable = false }: Flags, now: Date): OldRuns {
  return {
    ...(keep === undefined ? {} : { keep: readKeep(keep) }),
    ...(olderThan === undefined ? {} : { olderThan: readAge(olderThan) }),
    resumable,
    now,
  }
}

function readKeep(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new PypeError('USAGE', `--keep ${text} is not a whole number.`, { hint: 'e.g. --keep 10' })
}

/** Milliseconds. */
const UNITS: { readonly [unit: string]: number } = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }

function readAge(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? []
  const milliseconds = UNITS[unit]
  if (count !== undefined && milliseconds !== undefined) return Number(count) * milliseconds
  throw new PypeError('USAGE', `--older-than ${text} is no age.`, { hint: 'a number with m (minutes), h, d or w, e.g. --older-than 30d' })
}
