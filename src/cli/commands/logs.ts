import path from 'node:path'
import type { Command } from 'commander'
import { PypeError } from '../../core/errors.js'
import type { LogLevel } from '../../core/events.js'
import { nameWithoutFrame } from '../../core/frame.js'
import { listShort } from '../../core/list-short.js'
import { formatQuantity } from '../../core/quantity.js'
import { suggestNearest } from '../../core/suggest.js'
import type { LogWanted } from '../../run/history/log-entry.js'
import type { Job } from '../../run/job/load-job.js'
import type { FoundRun } from '../past-runs/find/find-run.js'
import { printText } from '../terminal/print-text.js'
import { writeAsRead } from '../terminal/write-as-read.js'

/** `pype logs [RUN]`: the log of a run. */
export function register(program: Command): void {
  program
    .command('logs')
    .description('print the log of a run, also while it goes on')
    .argument('[run]', 'an id or part of one, a job (its last run), last, last~1, or a run folder', 'last')
    .option('--node <id>', 'lines of a node or a sub flow only; load#2 for one pass of a loop')
    .option('--level <level>', 'lines of a level and above: debug, info, warn or error')
    .option('--since <moment>', 'lines from then on: so long ago (10m, 2h, 1d), or a time in UTC (2026-01-31T06:00)')
    .option('--tail <n>', 'the last n lines only')
    .option('-f, --follow', 'go on until the run ends')
    .option('--json', 'print the lines as they stand in the log')
    .option('--runs <dir>', 'folder of the runs, where it is not in the job folder')
    .addHelpText(
      'after',
      `
Examples:
  $ pype logs                              of the last run of all jobs
  $ pype logs daily --level warn           of the last run of a job
  $ pype logs daily --since 10m
  $ pype logs daily --follow
  $ pype logs a1b2c3 --node load_orders
  $ pype logs daily~1 --tail 20 --json`,
    )
    .action((run: string, flags: Flags) => printLog(run, flags))
}

interface Flags {
  readonly node?: string
  readonly level?: string
  readonly since?: string
  readonly tail?: string
  readonly follow?: boolean
  readonly json?: boolean
  readonly runs?: string
}

async function printLog(word: string, flags: Flags): Promise<void> {
  const [{ findRun, loadJobOf }, { readLogEntries }, { LogFormat }, { openPage }] = await Promise.all([
    import('../past-runs/find/find-run.js'),
    import('../../run/history/read-log.js'),
    import('../past-runs/format-log.js'),
    import('../terminal/open-page.js'),
  ])
  const wanted = await readWanted(flags)
  const found = findRun(word, flags.runs, process.cwd())
  const counts = { lines: 0, shown: 0, unreadable: 0 }
  const format = new LogFormat(openPage(process.stdout))
  const reading = { ...wanted, follow: flags.follow === true, counts }
  for await (const entries of readLogEntries(found.runsFolder, found.run, reading)) {
    const text = entries.map((entry) => (flags.json === true ? `${entry.text}\n` : format.format(entry))).join('')
    if (!(await writeAsRead(text))) return
  }
  if (counts.unreadable > 0) {
    const lines = formatQuantity(counts.unreadable, 'line')
    const { printWarning } = await import('../terminal/print-warning.js')
    printWarning(`${lines} of the log cannot be read: cut off, or not written by pype.`)
  }
  if (counts.lines === 0) throw noLog(found)
  if (counts.shown === 0) sayNothing(wanted, found, loadJobOf(found))
}

async function readWanted({ node, level, since, tail }: Flags): Promise<LogWanted & { readonly tail?: number }> {
  const [{ LOG_LEVELS }, { readSince }] = await Promise.all([
    import('../../run/history/log-entry.js'),
    import('../past-runs/read-since.js'),
  ])
  return {
    ...(node === undefined ? {} : { name: node }),
    ...(level === undefined ? {} : { level: readLevel(level, LOG_LEVELS) }),
    ...(since === undefined ? {} : { since: readSince(since, new Date()) }),
    ...(tail === undefined ? {} : { tail: readTail(tail) }),
  }
}

function noLog({ run, runsFolder }: FoundRun): PypeError {
  return new PypeError('FILE_NOT_FOUND', `The run ${run} has no log in ${path.join(runsFolder, run)}.`, {
    hint: `it was started with another --log than file, or has just begun; \`pype show ${run}\` tells what its journal has`,
  })
}

/** Nothing is no failure, unless there is no such node. */
function sayNothing({ name, level, since }: LogWanted, { run }: FoundRun, job: Job | undefined): void {
  const known = job?.dag.nodes.map(({ id }) => id) ?? []
  if (name !== undefined && job !== undefined && !known.includes(nameWithoutFrame(name))) {
    throw new PypeError('UNKNOWN_NODE', `No node of ${job.name} is called ${name}, and no line of the log is of one.`, {
      hint: suggestNearest(nameWithoutFrame(name), known, `nodes are: ${listShort(known)}`),
    })
  }
  const which = [
    ...(name === undefined ? [] : [` of ${name}`]),
    ...(level === undefined ? [] : [` of level ${level} or above`]),
    ...(since === undefined ? [] : [` since ${since}`]),
  ].join('')
  const hint = name === undefined ? '' : '; what a single node does is mostly at debug level, which `pype run --log-level debug` writes'
  printText(`no line${which} in the log of ${run}${hint}\n`, process.stderr)
}

function readLevel(text: string, levels: readonly LogLevel[]): LogLevel {
  const level = levels.find((known) => known === text)
  if (level !== undefined) return level
  throw new PypeError('USAGE', `--level ${text} is not a level.`, { hint: suggestNearest(text, levels, `use ${levels.join(', ')}`) })
}

function readTail(text: string): number {
  const tail = Number(text)
  if (Number.isInteger(tail) && tail >= 1) return tail
  throw new PypeError('USAGE', `--tail ${text} is not a whole number of at least 1.`, { hint: 'e.g. --tail 20' })
}
