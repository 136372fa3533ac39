import type { Command } from 'commander'
import { DiagnosticsError } from '../../core/errors.js'
import { formatQuantity } from '../../core/quantity.js'

/** `pype validate FLOW`: everything that is wrong with a flow, at once. */
export function register(program: Command): void {
  program
    .command('validate')
    .description('check a flow file and show everything that is wrong with it')
    .argument('<flow>', 'a flow file')
    .option('--json', 'print the findings as JSON to stdout')
    .addHelpText(
      'after',
      `
Examples:
  $ pype validate flows/daily.yaml
  $ pype validate flows/daily.yaml --json`,
    )
    .action((flow: string, { json = false }: { readonly json?: boolean }) => validate(flow, json))
}

async function validate(file: string, json: boolean): Promise<void> {
  const { validateFlow } = await import('../../build/build.js')
  try {
    const { flow, diagnostics } = await validateFlow(file, { columns: { cwd: process.cwd() } })
    if (json) {
      printJson(diagnostics)
      return
    }
    if (diagnostics.length > 0) (await import('../print-diagnostics.js')).printDiagnostics(diagnostics)
    process.stdout.write(`${file}: ${flow.name} is valid (${formatQuantity(flow.modules.length, 'node')}).\n`)
  } catch (error) {
    if (json && error instanceof DiagnosticsError) printJson(error.diagnostics)
    throw error
  }
}

function printJson(diagnostics: unknown): void {
  process.stdout.write(`${JSON.stringify(diagnostics, null, 2)}\n`)
}
