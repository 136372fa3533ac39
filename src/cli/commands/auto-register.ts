import path from 'node:path'
import type { Command } from 'commander'
import { formatQuantity } from '../../core/quantity.js'
import { exists } from '../../registry/project.js'
import { locateRegistry, scanModules } from '../../registry/project-modules.js'
import { formatRegistry, type RegistryEntries, readRegistry, writeRegistry } from '../../registry/registry-file.js'
import { EXIT } from '../exit-codes.js'
import { printText } from '../terminal/print-text.js'

/** `pype auto-register`: writes ModRegistry.json from all module files of the project. */
export function register(program: Command): void {
  program
    .command('auto-register')
    .description('check all modules of the project and write its ModRegistry.json')
    .option('--check', 'write nothing; exit with 1 when ModRegistry.json is out of date')
    .addHelpText(
      'after',
      `
Takes the files in modules/{source,mods,sinks,solo} of the project: the nearest parent folder with a ModRegistry.json,
else the current folder. Sub folders and files that begin with "_" are for code that modules share. Modules elsewhere
stay registered as long as their files exist. Nothing is written when one of the modules is not sound.

Examples:
  $ pype auto-register
  $ pype auto-register --check`,
    )
    .action(autoRegister)
}

async function autoRegister({ check = false }: { readonly check?: boolean }): Promise<void> {
  const place = await locateRegistry(process.cwd())
  const shown = path.relative(process.cwd(), place.file)
  const entries = await scanModules(place)
  const before = await readRegistry(place.file)
  const isThere = await exists(place.file)
  const isCurrent = isThere && formatRegistry(before) === formatRegistry(entries)
  if (check) {
    printText(
      isCurrent
        ? `${shown} is up to date.\n`
        : `${shown} ${isThere ? `is out of date: ${describeChange(before, entries)}` : 'is not there'}. Run \`pype auto-register\`.\n`,
    )
    if (!isCurrent) process.exitCode = EXIT.failed
    return
  }
  await writeRegistry(place.file, entries)
  const count = Object.keys(entries).length
  const change = isCurrent ? ': nothing changed' : isThere || count > 0 ? `: ${describeChange(before, entries)}` : ''
  printText(`${shown} ${isThere ? '' : 'was made, and '}lists ${formatQuantity(count, 'module')}${change}.\n`)
  if (count === 0) printText('No module file was found in modules/source, modules/mods, modules/sinks or modules/solo.\n', process.stderr)
}

function describeChange(before: RegistryEntries, after: RegistryEntries): string {
  const added = Object.keys(after).filter((name) => !Object.hasOwn(before, name))
  const removed = Object.keys(before).filter((name) => !Object.hasOwn(after, name))
  const changed = Object.keys(after).filter(
    (name) => Object.hasOwn(before, name) && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )
  const parts = Object.entries({ added, changed, removed }).filter(([, names]) => names.length > 0)
  return parts.length === 0 ? 'another format or order' : parts.map(([what, names]) => `${what} ${names.sort().join(', ')}`).join('; ')
}
