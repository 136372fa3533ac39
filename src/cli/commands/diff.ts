import type { Command } from 'commander'

/** `pype diff RUN RUN`: what differs between two runs. */
export function register(program: Command): void {
  program
    .command('diff')
    .description('compare two runs: what they ran with, and the rows, times, columns and ends of their sub flows')
    .argument('<run>', 'an id or part of one, a job (its last run), job~1 (the one before), last, last~1, or a run folder')
    .argument('<other>', 'the run to compare it with, as a rule the later one')
    .option('--all', 'also the sub flows that did the same')
    .option('--json', 'print JSON: all sub flows and nodes')
    .option('--runs <dir>', 'folder of the runs, where it is not in the job folder')
    .addHelpText(
      'after',
      `
Examples:
  $ pype diff daily~1 daily            the last run of a job, with the one before
  $ pype diff a1b2c3 d4e5f6 --all
  $ pype diff daily~7 daily --json`,
    )
    .action((a: string, b: string, flags: Flags) => compare(a, b, flags))
}

interface Flags {
  readonly all?: boolean
  readonly json?: boolean
  readonly runs?: string
}

async function compare(a: string, b: string, { all = false, json = false, runs }: Flags): Promise<void> {
  const [{ loadRun }, { compareRuns }, { formatDiff }, { openPage }, { printWarning }] = await Promise.all([
    import('../past-runs/show/load-run.js'),
    import('../past-runs/compare/compare-runs.js'),
    import('../past-runs/compare/format-diff.js'),
    import('../terminal/open-page.js'),
    import('../terminal/print-warning.js'),
  ])
  const now = new Date()
  const before = await loadRun(a, runs, process.cwd(), now)
  const after = await loadRun(b, runs, process.cwd(), now)
  const diff = compareRuns(before, after)
  if (json) {
    process.stdout.write(`${JSON.stringify(diff, undefined, 2)}\n`)
    return
  }
  for (const warning of new Set([...before.warnings, ...after.warnings])) printWarning(warning)
  const page = openPage(process.stdout)
  process.stdout.write(page.spell(formatDiff(diff, { ...page, all })))
}
