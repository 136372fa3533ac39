import { text as readAll } from 'node:stream/consumers'
import type { Command } from 'commander'
import { replaceFile } from '../../core/replace-file.js'
import { EXIT } from '../exit-codes.js'
import { printText } from '../terminal/print-text.js'

/** `pype format FLOW …`: lays flow files out. */
export function register(program: Command): void {
  program
    .command('format')
    .description('lay flow files out: keys in one order, one indentation, comments kept; what they say stays the same')
    .argument('<flow...>', 'flow files; - reads stdin and writes stdout')
    .option('--check', 'write nothing; exit with 1 when a file would change')
    .addHelpText(
      'after',
      `
Examples:
  $ pype format flows/daily.yaml
  $ pype format flows/*.yaml --check
  $ pype format - < daily.yaml`,
    )
    .action((files: readonly string[], { check = false }: { readonly check?: boolean }) => formatAll(files, check))
}

async function formatAll(files: readonly string[], check: boolean): Promise<void> {
  const { formatFlow, formatFlowFile } = await import('../../build/format/format-flow.js')
  const changed: string[] = []
  for (const file of files) {
    if (file === '-') {
      const before = (await readAll(process.stdin)).replace(/^\uFEFF/, '')
      const after = formatFlow('-', before)
      if (!check) process.stdout.write(after)
      else if (before !== after) changed.push(file)
      continue
    }
    const { before, after } = await formatFlowFile(file)
    if (before !== after) changed.push(file)
    if (!check && before !== after) await replaceFile(file, after)
    if (!check) printText(before === after ? `${file} is formatted already.\n` : `${file} is formatted.\n`)
  }
  if (!check) return
  printText(changed.map((file) => `${file} would change.\n`).join(''))
  if (changed.length > 0) process.exitCode = EXIT.failed
}
