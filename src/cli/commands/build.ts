import type { Command } from 'commander'
import { addConnectOptions, type ConnectFlags, readColumnOptions } from '../columns/connect-options.js'
import { EXIT } from '../exit-codes.js'
import { printText } from '../terminal/print-text.js'

/** `pype build FLOW`: writes the job folder of a flow. */
export function register(program: Command): void {
  const command = program
    .command('build')
    .description('check a flow file and write its job folder')
    .argument('<flow>', 'a flow file')
    .option('-o, --out <dir>', 'folder for the job folder', 'jobs')
    .option('--check', 'write nothing; exit with 1 when the job folder is out of date')
  addConnectOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ pype build flows/daily.yaml
  $ pype build flows/daily.yaml --out /srv/jobs
  $ pype build flows/daily.yaml --check`,
    )
    .action((flow: string, flags: Flags) => build(flow, flags))
}

interface Flags extends ConnectFlags {
  readonly out: string
  readonly check?: boolean
}

async function build(file: string, { out, check = false, ...flags }: Flags): Promise<void> {
  const { buildFlow } = await import('../../build/build.js')
  const { job, changed, diagnostics } = await buildFlow(file, { out, check, columns: readColumnOptions(file, flags, out) })
  if (diagnostics.length > 0) (await import('../terminal/print-diagnostics.js')).printDiagnostics(diagnostics)
  if (check && changed.length > 0) {
    printText(`${job} is out of date:\n${changed.map((name) => `  ${name}\n`).join('')}`)
    process.exitCode = EXIT.failed
    return
  }
  printText(changed.length === 0 ? `${job} is up to date.\n` : `${job} is built.\n`)
}
