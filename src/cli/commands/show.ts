import type { Command } from 'commander'

/** `pype show [RUN]`: what came of a run. */
export function register(program: Command): void {
  program
    .command('show')
    .description('show what came of a run: its sub flows and nodes over time, rows, errors, and how to resume it')
    .argument('[run]', 'an id or part of one, a job (its last run), last, last~1, or a run folder', 'last')
    .option('--runs <dir>', 'folder of the runs, where it is not in the job folder')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ pype show                                  the last run of all jobs
  $ pype show daily                            the last run of a job
  $ pype show daily~1                          the one before
  $ pype show a1b2c3                           by the end of its id
  $ pype show 20260131T060000123-a1b2c3 --json`,
    )
    .action((run: string, flags: Flags) => showRun(run, flags))
}

interface Flags {
  readonly runs?: string
  readonly json?: boolean
}

async function showRun(word: string, { runs, json = false }: Flags): Promise<void> {
  const { loadRun } = await import('../past-runs/show/load-run.js')
  const now = new Date()
  const shown = await loadRun(word, runs, process.cwd(), now)
  if (json) {
    process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`)
    return
  }
  const [{ formatRun }, { openPage }, { formatErrors, openStyle }, { printWarning }] = await Promise.all([
    import('../past-runs/show/format-run.js'),
    import('../terminal/open-page.js'),
    import('../terminal/print-diagnostics.js'),
    import('../terminal/print-warning.js'),
  ])
  for (const warning of shown.warnings) printWarning(warning)
  const page = openPage(process.stdout)
  const errors = shown.errors.length === 0 ? '' : formatErrors(shown.errors, openStyle(process.stdout))
  process.stdout.write(page.spell(formatRun(shown, errors, { ...page, now: now.getTime() })))
}
