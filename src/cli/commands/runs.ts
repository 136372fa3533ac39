import type { Command } from 'commander'
import { PypeError } from '../../core/errors.js'

/** `pype runs [JOB]`: the runs of a job, or of all jobs. */
export function register(program: Command): void {
  program
    .command('runs')
    .description('list the runs of a job, or of all jobs in jobs/: how they ended, and how to resume them')
    .argument('[job]', 'a job folder, or the name of one in jobs/')
    .option('--runs <dir>', 'folder of the runs, instead of runs/ in the job folder')
    .option('--limit <n>', 'show the last n runs of each job', '20')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ pype runs
  $ pype runs daily --limit 5
  $ pype runs daily --json
  $ pype runs daily --runs /var/lib/pype/daily`,
    )
    .action((job: string | undefined, flags: Flags) => listRuns(job, flags))
}

interface Flags {
  readonly runs?: string
  readonly limit: string
  readonly json?: boolean
}

async function listRuns(job: string | undefined, { runs, limit, json = false }: Flags): Promise<void> {
  const [{ findRunsFolders }, { listHistory }, { describeJobRuns, formatJobRuns }, { readHowFar }, { openPage }] = await Promise.all([
    import('../past-runs/find/find-runs-folders.js'),
    import('../../run/history/list-history.js'),
    import('../past-runs/run-table.js'),
    import('../past-runs/read-how-far.js'),
    import('../terminal/open-page.js'),
  ])
  const most = readLimit(limit)
  const found = []
  for (const place of findRunsFolders(job, runs, process.cwd())) {
    const entries = await listHistory(place.folder, place.name, most)
    found.push(describeJobRuns(place, entries, await readHowFar(place, entries, process.cwd()), runs))
  }
  process.stdout.write(json ? `${JSON.stringify(found, undefined, 2)}\n` : formatJobRuns(found, openPage(process.stdout).wrapAt))
}

function readLimit(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1) return limit
  throw new PypeError('USAGE', `--limit ${text} is not a whole number of at least 1.`, { hint: 'e.g. --limit 5' })
}
