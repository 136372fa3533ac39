import type { Command } from 'commander'
import type { FlowColumns } from '../../build/columns/flow-columns.js'
import { PypeError } from '../../core/errors.js'
import { formatQuantity } from '../../core/quantity.js'
import type { DescribedPort } from '../columns/column-table.js'
import { addConnectOptions, type ConnectFlags, readColumnOptions } from '../columns/connect-options.js'
import { printText } from '../terminal/print-text.js'

/** `pype columns FLOW [NODE[.PORT]]`: the columns of the rows of a flow, as far as they are known before a run. */
export function register(program: Command): void {
  const command = program
    .command('columns')
    .description('show the columns of the rows between the nodes of a flow, as far as they are known before a run')
    .argument('<flow>', 'a flow file')
    .argument('[port]', 'a node or a port: node.port; of an input port, or a sink, the columns that come in')
    .option('--json', 'print JSON')
    .option('--lock', 'write the columns of the file sources into <flow name>.schema.json beside the flow: runs are held to them')
  addConnectOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ pype columns flows/daily.yaml
  $ pype columns flows/daily.yaml orders
  $ pype columns flows/daily.yaml orders.data --json
  $ pype columns flows/daily.yaml --connect --context prod
  $ pype columns flows/daily.yaml --lock`,
    )
    .action((flow: string, port: string | undefined, flags: Flags) => showColumns(flow, port, flags))
}

interface Flags extends ConnectFlags {
  readonly json?: boolean
  readonly lock?: boolean
}

async function showColumns(file: string, port: string | undefined, { json = false, lock = false, ...flags }: Flags): Promise<void> {
  if (lock) {
    if (port !== undefined || json)
      throw new PypeError('USAGE', '--lock goes with the flow alone.', { hint: 'leave out the port and --json' })
    await lockColumns(file)
    return
  }
  const [{ validateFlow }, { choosePorts, formatColumns }, { openPage }] = await Promise.all([
    import('../../build/build.js'),
    import('../columns/column-table.js'),
    import('../terminal/open-page.js'),
  ])
  const { flow, columns, diagnostics } = await validateFlow(file, {
    columns: { ...readColumnOptions(file, flags, 'jobs'), allPorts: true },
  })
  if (diagnostics.length > 0) (await import('../terminal/print-diagnostics.js')).printDiagnostics(diagnostics)
  const chosen = choosePorts(listPorts(columns ?? new Map()), flow.data, port)
  process.stdout.write(json ? `${JSON.stringify(chosen, undefined, 2)}\n` : formatColumns(chosen, openPage(process.stdout).wrapAt))
}

async function lockColumns(file: string): Promise<void> {
  const { lockFlow } = await import('../../build/columns/lock-flow.js')
  const { path, changed, locked, left } = await lockFlow(file, process.cwd())
  const names = locked.length === 0 ? '' : ` (${locked.join(', ')})`
  printText(
    locked.length === 0 && !changed
      ? `There is nothing to lock: no source of ${file} has columns that are found in its files.\n`
      : `${path} ${changed ? 'is written' : 'is up to date'}: ${formatQuantity(locked.length, 'source')}${names}.\n`,
  )
  for (const { node, reason } of left) printText(`${node} is not locked: ${reason}.\n`)
}

function listPorts(columns: FlowColumns): readonly DescribedPort[] {
  return [...columns].flatMap(([node, ports]) =>
    [...ports].map(([name, found]): DescribedPort => {
      const port = { node: node.flow.id, port: name }
      return found.kind === 'known'
        ? { ...port, columns: found.columns, origin: found.origin, files: found.files }
        : { ...port, columns: null, reason: found.reason }
    }),
  )
}
