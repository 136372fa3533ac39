import path from 'node:path'
import type { Command } from 'commander'
import { PypeError } from '../../core/errors.js'
import type { RunOptions } from '../../run/run-options.js'
import type { DisplayFlags } from '../display/open-display.js'
import { EXIT } from '../exit-codes.js'
import { exitNow } from '../process-end.js'
import { asksForBackfill } from '../start-run/backfill-flags.js'
import { printResult } from '../start-run/print-result.js'
import type { RunCommandFlags } from '../start-run/shown-run.js'
import { watchSignals } from '../start-run/watch-signals.js'
import { hearWatch, tellBuilt } from '../watch/watched-run.js'

/** `pype run JOB|FLOW`: runs a job folder; that of a flow is built first when it is out of date. */
export function register(program: Command): void {
  const collect = (value: string, all: readonly string[] = []) => [...all, value]
  // Without a node the option is true.
  const collectAgain = (node: string, all: true | readonly string[] = []) => [...(all === true ? [] : all), node]
  program
    .command('run')
    .description('run a job folder, or a flow: move the rows')
    .argument(
      '<job|flow>',
      'a job folder, the name of one in jobs/, or a flow file, which is built into jobs/ first when the job is out of date',
    )
    .option('--context <file|name>', 'context file, or name of a context of the job')
    .option('--set <name=value>', 'set a value of the context; may be repeated', collect)
    .option('--date <date>', 'logical date or time of the run, instead of now')
    .option('--from <date>', 'run once for each logical date from this one on …')
    .option('--to <date>', '… to this one')
    .option('--every <step>', 'with --from: hour, day, week or month (default: day)')
    .option('--parallel <n>', 'with --from: runs at once (default: 1)')
    .option(
      '--again [node]',
      'with --resume: run a node again that has completed, of a run that has not; may be repeated. With --from: dates that have completed',
      collectAgain,
    )
    .option('--keep-going', 'with --from: a failed date does not stop the rest')
    .option(
      '--resume [run]',
      'go on with the last run that did not complete, or with one by its id or a part of it; auto: start one when there is none',
    )
    .option('--force', 'with --resume: although a later run of the job has committed; without: although the cursor of an earlier one waits')
    .option('--threads <n>', 'nodes that run at once')
    .option('--keep', 'keep the rows that crossed boundaries, in artifacts/ of the run')
    .option('--runs <dir>', 'folder for runs, instead of runs/ in the job folder')
    .option('--on-overlap <what>', 'while another run of the job goes on: fail, wait, skip or allow')
    .option('--cwd <dir>', 'folder where relative paths start, instead of the current one')
    .option('--log <where>', 'log to file, stderr or none; may be repeated (default: file)', collect)
    .option('--log-level <level>', 'debug, info, warn or error', 'info')
    .option('--watch', 'run a flow again whenever it, its context or a module of its project is saved')
    .option('--json', 'print each event as a line of JSON on stdout, the last one with the summary')
    .option('--quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      `
Examples:
  $ pype run jobs/daily
  $ pype run flows/daily.yaml
  $ pype run flows/daily.yaml --watch
  $ pype run jobs/daily --context prod --set limit=100
  $ pype run jobs/daily --date 2026-01-31 --log file,stderr --log-level debug
  $ pype run jobs/daily --json | jq .event
  $ pype run jobs/daily --quiet
  $ pype run jobs/daily --resume
  $ pype run jobs/daily --resume --again load_orders
  $ pype run jobs/daily --date 2026-01-31 --resume auto
  $ pype run jobs/daily --from 2026-01-01 --to 2026-01-31 --parallel 2`,
    )
    .action((job: string, flags: Omit<RunCommandFlags, 'set' | 'log'> & Partial<RunCommandFlags>) =>
      runCommand(job, { set: [], log: [], ...flags }),
    )
}

async function runCommand(job: string, flags: RunCommandFlags): Promise<void> {
  if (flags.watch === true) return (await import('../watch/start-watch.js')).startWatch(job, flags)
  if (flags.resume !== undefined && asksForBackfill(flags)) {
    throw new PypeError('USAGE', '--resume goes on with one run; it does not go with --from and --to.', {
      hint:
        flags.again === true ? 'with --resume, --again takes a node: --again load_orders' : 'resume one run, or start the backfill again',
    })
  }
  const [{ readRunOptions }, { openDisplay }] = await Promise.all([
    import('../start-run/run-options.js'),
    import('../display/open-display.js'),
  ])
  const controller = new AbortController()
  const given = readRunOptions(flags, process.cwd(), process.env)
  const { folder, flowFile } = await findJob(job, flags)
  const isBackfill = asksForBackfill(flags)
  const display = await openDisplay(folder, flags, given.log, isBackfill)
  const options: RunOptions = {
    ...given,
    ...display.options,
    flowFile,
    signal: controller.signal,
    stderr: (text) => process.stderr.write(text),
    onWait: (other) => display.print(`waiting for ${other ?? 'another run of the job'} to end\n`),
  }
  tellBuilt()
  const ended = watchSignals(controller, display.print, display.close)
  hearWatch(controller, () => {
    display.close()
    exitNow(EXIT.cancelled)
  })
  try {
    const start = isBackfill
      ? (await import('../start-run/run-backfill.js')).runBackfill
      : (await import('../start-run/run-once.js')).runOnce
    process.exitCode = EXIT[await start({ job, folder, options, flags, display })]
  } catch (error) {
    display.close()
    if (!(error instanceof PypeError) || error.code !== 'RUN_SKIPPED') throw error
    process.exitCode = EXIT.completed
    printResult(flags, { status: 'skipped', message: error.message }, `skipped: ${error.message}\n`)
  } finally {
    ended()
  }
}

/** A job folder, and the flow when that is what was given. */
interface FoundJob {
  readonly folder: string
  readonly flowFile?: string
}

/** The job folder; of a flow, once it is up to date. */
async function findJob(job: string, { quiet }: DisplayFlags): Promise<FoundJob> {
  const cwd = process.cwd()
  const target = (await import('../find-job/find-target.js')).findTarget(job, cwd)
  if (target.kind === 'job') return { folder: target.folder }
  const { buildBeforeRun } = await import('../start-run/build-before-run.js')
  const built = await buildBeforeRun(target.file, (text) => quiet || process.stderr.write(text))
  return { folder: path.resolve(cwd, built), flowFile: target.file }
}
