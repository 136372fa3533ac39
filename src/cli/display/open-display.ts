import type { Listener } from '../../run/observe/emitter.js'
import type { RunOptions } from '../../run/run-options.js'
import { divertStdout } from '../terminal/divert-stdout.js'
import type { LiveTree } from './live-tree.js'

/** What a run shows while it goes on. */
export interface Display {
  /** What the run is started with so that it is shown. */
  readonly options: Pick<RunOptions, 'listeners' | 'onEventLine' | 'progressEvery'>
  /** Listeners for one date of a backfill. */
  readonly listenersOf: (date: string) => readonly Listener[]
  readonly countDates: (ended: number, failed: number, total: number) => void
  /** Prints something that is no error for who watches. */
  readonly print: (text: string) => void
  /** Ends it: what is printed from then on stands below all that was shown. */
  readonly close: () => void
}

/** What of the command line says how a run is shown. */
export interface DisplayFlags {
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Milliseconds between two events that tell what is going on: for a tree, and for machines. */
const TREE_PROGRESS = 200
const JSON_PROGRESS = 1000

/**
 * Chooses how a run is shown: as JSON, as a tree on a terminal, else line by line; not at all when it is to be quiet, or when its log goes to the
 * same place. `folder` is that of the job.
 */
export async function openDisplay(
  folder: string,
  { json = false, quiet = false }: DisplayFlags,
  log: RunOptions['log'],
  isBackfill: boolean,
): Promise<Display> {
  const { stderr } = process
  const toStderr = (text: string) => {
    if (!quiet) stderr.write(text)
  }
  const logsToStderr = log?.destinations.includes('stderr') === true
  if (stderr.isTTY && process.env.TERM !== 'dumb' && !json && !quiet && !logsToStderr) return openTree(folder, isBackfill)
  const warnings = quiet || logsToStderr ? [] : [await warningPrinter(toStderr)]
  const { spellSigns, wrapAt } = (await import('../terminal/open-page.js')).openPage(stderr)
  const lines = json || quiet || logsToStderr || isBackfill ? [] : [await eventLines((text) => toStderr(spellSigns(text)), wrapAt)]
  const stdout = divertStdout()
  const onEventLine = json ? stdout.write : undefined
  return {
    options: { listeners: [...lines, ...warnings], onEventLine, progressEvery: json ? JSON_PROGRESS : undefined },
    listenersOf: () => [],
    countDates: () => {},
    print: toStderr,
    close: stdout.release,
  }
}

async function openTree(folder: string, isBackfill: boolean): Promise<Display> {
  const [{ LiveTree }, { Screen }, { holdWrites }, { drawFlow }, { loadJob }, { openPage }] = await Promise.all([
    import('./live-tree.js'),
    import('./screen.js'),
    import('./hold-writes.js'),
    import('../../graph/drawing.js'),
    import('../../run/job/load-job.js'),
    import('../terminal/open-page.js'),
  ])
  const { dag, metadata } = loadJob(folder)
  const { stderr } = process
  const write = stderr.write.bind(stderr)
  const terminal = {
    get columns() {
      return stderr.columns
    },
    get rows() {
      return stderr.rows
    },
    write: (text: string) => write(text),
  }
  const screen = new Screen(terminal)
  const tree: LiveTree = new LiveTree({
    screen,
    drawing: drawFlow(dag, metadata),
    style: openPage(stderr),
    now: () => performance.now(),
  })
  const stdout = divertStdout()
  const release = holdWrites([process.stdout, stderr], (text) => screen.print(text))
  const resize = () => tree.resize()
  stderr.on('resize', resize)
  const print = (text: string) => screen.print(text)
  return {
    options: { listeners: [...(isBackfill ? [] : [tree.watch(dag.flow.name)]), await warningPrinter(print)], progressEvery: TREE_PROGRESS },
    listenersOf: (date) => [tree.watch(date.replace(/ 00:00:00$/, ''))],
    countDates: (...counts) => tree.countDates(...counts),
    print,
    close: () => {
      stderr.off('resize', resize)
      tree.close()
      release()
      stdout.release()
    },
  }
}

async function warningPrinter(print: (text: string) => void): Promise<Listener> {
  const [{ createWarningPrinter }, { formatWarning }, { openPage }] = await Promise.all([
    import('../../run/observe/warning-printer.js'),
    import('../terminal/print-warning.js'),
    import('../terminal/open-page.js'),
  ])
  return createWarningPrinter((warning) => print(formatWarning(warning, openPage(process.stderr))))
}

async function eventLines(print: (text: string) => void, columns: number): Promise<Listener> {
  return (await import('./event-lines.js')).createEventLines(print, () => performance.now(), columns)
}
