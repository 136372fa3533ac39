import type { Command } from 'commander'
import { PypeError } from '../../core/errors.js'
import { suggestNearest } from '../../core/suggest.js'
import { addPreviewOptions, type PreviewFlags, readPreviewOptions, readRowLimit } from '../rows/preview-options.js'
import { watchSignals } from '../start-run/watch-signals.js'
import { divertStdout } from '../terminal/divert-stdout.js'

/** `pype preview FLOW NODE[.PORT]`: the first rows that leave a port. */
export function register(program: Command): void {
  const command = program
    .command('preview')
    .description('show rows that leave a node: runs only what they need, and changes nothing')
    .argument('<flow>', 'a flow file')
    .argument('[port]', 'a node or one of its ports: node.port; of a sink, what it would get')
    .option('--limit <n>', 'rows to show', '20')
    .option('--format <format>', 'table, csv or json', 'table')
  addPreviewOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ pype preview flows/daily.yaml keep_adults
  $ pype preview flows/daily.yaml orders.reject --limit 5
  $ pype preview flows/daily.yaml joined --where "amount > 100 AND city IS NULL"
  $ pype preview flows/daily.yaml orders --sample 1%
  $ pype preview flows/daily.yaml by_city --format csv --limit 1000 > by_city.csv
  $ pype preview flows/daily.yaml load --item '{"path": "in/a.csv"}'`,
    )
    .action((flow: string, port: string | undefined, flags: Flags) =>
      showRows(flow, port, flags, command.getOptionValueSource('limit') !== 'default'),
    )
}

interface Flags extends PreviewFlags {
  readonly limit: string
  readonly format: string
}

/** What rows are shown as. */
export const PREVIEW_FORMATS = ['table', 'csv', 'json'] as const

async function showRows(file: string, port: string | undefined, flags: Flags, hasLimit: boolean): Promise<void> {
  const format = PREVIEW_FORMATS.find((known) => known === flags.format)
  if (format === undefined)
    throw new PypeError('USAGE', `--format ${flags.format} is not known.`, {
      hint: suggestNearest(flags.format, PREVIEW_FORMATS, `use ${PREVIEW_FORMATS.join(', ')}`),
    })
  const [{ planFlowFile }, { previewPort }, { writePreview }] = await Promise.all([
    import('../../build/build.js'),
    import('../../run/preview/preview.js'),
    import('../rows/write-preview.js'),
  ])
  const { dag, metadata } = await planFlowFile(file)
  const controller = new AbortController()
  const flow = { file, dag, metadata }
  const options = readPreviewOptions(flow, flags, controller.signal)
  const { sample } = options
  // Whoever asks for a sample of so many rows wants to see them.
  const limit = !hasLimit && sample !== undefined && 'rows' in sample ? sample.rows : readRowLimit(flags.limit)
  const ended = watchSignals(controller)
  const stdout = divertStdout()
  try {
    // One more than is shown tells whether there are more.
    await previewPort(flow, port, { ...options, limit: limit + 1 }, (rows) => {
      stdout.release()
      return writePreview(rows, { limit, format, isSample: sample !== undefined }, controller.signal)
    })
  } finally {
    stdout.release()
    ended()
  }
}
