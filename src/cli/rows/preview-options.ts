import path from 'node:path'
import type { Command } from 'commander'
import { PypeError } from '../../core/errors.js'
import type { PlannedFlow, PreviewOptions } from '../../run/preview/prepared-preview.js'
import { readSampleSize } from '../../run/preview/sample-size.js'
import { findContextFolder } from '../find-context-folder.js'
import { onStall } from '../process-end.js'
import { printWarning } from '../terminal/print-warning.js'

/** The options of the commands that look at the rows of a port. */
export interface PreviewFlags {
  readonly where?: string
  readonly sample?: string
  readonly context?: string
  readonly set: readonly string[]
  readonly date?: string
  readonly item: readonly string[]
  readonly global: readonly string[]
  readonly cwd?: string
}

/** Adds the options that say which rows are looked at, and with which values. */
export function addPreviewOptions(command: Command): Command {
  return command
    .option('--where <sql>', 'only rows for which an SQL condition over the columns of the port holds')
    .option('--sample <size>', 'rows picked at random: so many (10000), or a share (1%)')
    .option('--context <file|name>', 'context file, or name of a context')
    .option('--set <name=value>', 'set a value of the context; may be repeated', collect, [])
    .option('--date <date>', 'logical date or time, instead of now')
    .option(
      '--item <value>',
      'inside of a loop: the item, instead of the first one; repeated for loops in loops, the outermost first',
      collect,
      [],
    )
    .option('--global <node__name=value>', 'a global that only a run comes to; may be repeated', collect, [])
    .option('--cwd <dir>', 'folder where relative paths start, instead of the current one')
}

/** Checks the options. Throws USAGE. */
export function readPreviewOptions({ file, dag }: PlannedFlow, flags: PreviewFlags, signal: AbortSignal): PreviewOptions {
  const here = process.cwd()
  const { where, sample, context, set, date, item, global, cwd = '.' } = flags
  return {
    where,
    sample: sample === undefined ? undefined : readSampleSize(sample),
    contextFolder: findContextFolder(file, dag.flow.name, 'jobs', here),
    // A path on the command line is the shell's; a name has neither a slash nor a dot.
    context: context !== undefined && /[/.]/.test(context) ? path.resolve(here, context) : context,
    set,
    date,
    items: item,
    globals: global,
    cwd: path.resolve(here, cwd),
    insistsOnCwd: flags.cwd !== undefined,
    onStall,
    env: process.env,
    signal,
    onWarning: printWarning,
  }
}

/** Reads a number of rows. Throws USAGE. */
export function readRowLimit(text: string): number {
  const limit = Number(text)
  if (/^\d+$/.test(text.trim()) && Number.isSafeInteger(limit) && limit > 0) return limit
  throw new PypeError('USAGE', `--limit ${text} is not a whole number of at least 1.`, { hint: 'e.g. --limit 100' })
}

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value]
}
