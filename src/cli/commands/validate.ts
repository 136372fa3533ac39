import type { Command } from 'commander'
import { DiagnosticsError } from '../../core/errors.js'
import { formatQuantity } from '../../core/quantity.js'
import { addConnectOptions, type ConnectFlags, readColumnOptions } from '../columns/connect-options.js'
import { printText } from '../terminal/print-text.js'

/** `pype validate FLOW`: everything that is wrong with a flow, at once. */
export function register(program: Command): void {
  const command = program
    .command('validate')
    .description('check a flow file and show everything that is wrong with it')
    .argument('<flow>', 'a flow file')
    .option('--json', 'print the findings as JSON to stdout')
  addConnectOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ pype validate flows/daily.yaml
  $ pype validate flows/daily.yaml --json
  $ pype validate flows/daily.yaml --connect --context prod`,
    )
    .action((flow: string, flags: Flags) => validate(flow, flags))
}

interface Flags extends ConnectFlags {
  readonly json?: boolean
}

async function validate(file: string, { json = false, ...flags }: Flags): Promise<void> {
  const { validateFlow } = await import('../../build/build.js')
  try {
    const { flow, diagnostics } = await validateFlow(file, { columns: readColumnOptions(file, flags, 'jobs') })
    if (json) {
      printJson(diagnostics)
      return
    }
    if (diagnostics.length > 0) (await import('../terminal/print-diagnostics.js')).printDiagnostics(diagnostics)
    printText(`${file}: ${flow.name} is valid (${formatQuantity(flow.modules.length, 'node')}).\n`)
  } catch (error) {
    if (json && error instanceof DiagnosticsError) printJson(error.diagnostics)
    throw error
  }
}

function printJson(diagnostics: unknown): void {
  process.stdout.write(`${JSON.stringify(diagnostics, null, 2)}\n`)
}
