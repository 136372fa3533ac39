import type { Command } from 'commander'
import type { Dataset, Resolve } from '../../build/lineage/dataset.js'
import type { LineagePort } from '../../build/lineage/flow-lineage.js'
import { PypeError } from '../../core/errors.js'
import type { Flow } from '../../core/flow.js'
import { suggestNearest } from '../../core/suggest.js'
import { addConnectOptions, type ConnectFlags, readColumnOptions } from '../columns/connect-options.js'

/** What `--format` takes. */
export const LINEAGE_FORMATS = ['text', 'json', 'openlineage']

/** `pype lineage FLOW [NODE[.PORT[.COLUMN]]]`: which columns a column comes from, or what depends on it. */
export function register(program: Command): void {
  const command = program
    .command('lineage')
    .description('show which columns each column of a flow comes from, or what depends on it')
    .argument('<flow>', 'a flow file')
    .argument('[column]', 'a column: node.port.column; or all of a port or a node. Default: what the sinks write')
    .option('--downstream', 'show what depends on the column, or on those that the sources read')
    .option('-f, --format <format>', 'text, json or openlineage', 'text')
    .option('--json', 'the same as --format json')
  addConnectOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ pype lineage flows/daily.yaml
  $ pype lineage flows/daily.yaml report.input.total
  $ pype lineage flows/daily.yaml orders.data.amount --downstream
  $ pype lineage flows/daily.yaml --json
  $ pype lineage flows/daily.yaml --format openlineage --connect --context prod`,
    )
    .action((flow: string, column: string | undefined, flags: Flags) => showLineage(flow, column, flags))
}

interface Flags extends ConnectFlags {
  readonly downstream?: boolean
  readonly format: string
  readonly json?: boolean
}

async function showLineage(file: string, wanted: string | undefined, { json = false, downstream = false, ...flags }: Flags): Promise<void> {
  const format = json ? 'json' : flags.format
  if (!LINEAGE_FORMATS.includes(format))
    throw new PypeError('USAGE', `Unknown format "${format}".`, {
      hint: suggestNearest(format, LINEAGE_FORMATS, `formats are ${LINEAGE_FORMATS.join(', ')}`),
    })
  if (format === 'openlineage' && (wanted !== undefined || downstream))
    throw new PypeError('USAGE', 'OpenLineage has the lineage of all that a flow writes.', {
      hint: 'leave out the column and --downstream',
    })
  const [{ validateFlow }, { lineageOf }] = await Promise.all([
    import('../../build/build.js'),
    import('../../build/lineage/flow-lineage.js'),
  ])
  const options = readColumnOptions(file, flags, 'jobs')
  const { flow, columns, diagnostics } = await validateFlow(file, { columns: { ...options, allPorts: true, trace: true } })
  if (diagnostics.length > 0) (await import('../terminal/print-diagnostics.js')).printDiagnostics(diagnostics)
  const ports = lineageOf(flow, columns ?? new Map())
  process.stdout.write(
    format === 'openlineage'
      ? await formatEvent(flow, ports, options)
      : await formatFound(ports, wanted, downstream ? 'downstream' : 'upstream', format),
  )
}

async function formatFound(
  ports: readonly LineagePort[],
  wanted: string | undefined,
  direction: 'upstream' | 'downstream',
  format: string,
): Promise<string> {
  const [{ chooseColumns }, { findLineage, formatEnds, formatSteps }, { openPage }] = await Promise.all([
    import('../columns/lineage-place.js'),
    import('../columns/lineage-table.js'),
    import('../terminal/open-page.js'),
  ])
  const chosen = wanted === undefined ? listEnds(ports, direction) : chooseColumns(ports, wanted)
  const found = findLineage(ports, chosen, direction)
  if (format === 'json') return `${JSON.stringify(found, undefined, 2)}\n`
  const [only, ...others] = found
  if (only === undefined) return 'There is nothing to show: no rows go from a source to a sink.\n'
  const { wrapAt } = openPage(process.stdout)
  return others.length === 0 && wanted !== undefined ? formatSteps(only, wrapAt) : formatEnds(found, wrapAt)
}

/** What is written, or where nothing is, what leaves last; downstream, what is read. */
function listEnds(ports: readonly LineagePort[], direction: 'upstream' | 'downstream') {
  const written = ports.filter(({ kind }) => kind === 'written')
  const read = new Set(ports.flatMap(({ before }) => before.map(({ node, port }) => `${node}.${port}`)))
  const last = ports.filter(({ node, port }) => !read.has(`${node.flow.id}.${port}`))
  const first = ports.filter(({ kind, node, port }) => kind === 'read' && read.has(`${node.flow.id}.${port}`))
  const ends = direction === 'downstream' ? first : written.length > 0 ? written : last
  return ends.flatMap(({ node, port, columns }) => columns.map(({ name }) => ({ node: node.flow.id, port, column: name })))
}

async function formatEvent(flow: Flow, ports: readonly LineagePort[], options: ReturnType<typeof readColumnOptions>): Promise<string> {
  const [{ datasetsOf, resolveWritten }, { toJobEvent }, { PYPE_VERSION }] = await Promise.all([
    import('../../build/lineage/dataset.js'),
    import('../../build/lineage/open-lineage.js'),
    import('../../core/version.js'),
  ])
  const connector = await options.connect?.({ name: flow.name, timeZone: flow.settings.time_zone })
  try {
    const resolve: Resolve = async (written) =>
      (await resolveWritten(written)) ?? (connector && (await resolveWritten((await connector.resolve(written)).label)))
    const datasets = new Map<LineagePort['node'], readonly Dataset[]>()
    for (const { node, kind } of ports) if (kind !== 'made') datasets.set(node, await datasetsOf(node, flow.name, options.cwd, resolve))
    const producer = `pkg:npm/pypeline@${PYPE_VERSION}`
    const event = toJobEvent(ports, { flow: flow.name, producer, time: new Date().toISOString(), datasets })
    return `${JSON.stringify(event, undefined, 2)}\n`
  } finally {
    await connector?.close()
  }
}
