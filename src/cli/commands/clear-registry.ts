import path from 'node:path'
import type { Command } from 'commander'
import { PypeError } from '../../core/errors.js'
import { formatQuantity } from '../../core/quantity.js'
import { exists } from '../../registry/project.js'
import { locateRegistry } from '../../registry/project-modules.js'
import { readRegistry, writeRegistry } from '../../registry/registry-file.js'
import { printText } from '../terminal/print-text.js'

/** `pype clear-registry`: empties the project's ModRegistry.json and leaves the module files alone. */
export function register(program: Command): void {
  program
    .command('clear-registry')
    .description("empty the project's ModRegistry.json; the module files stay")
    .addHelpText(
      'after',
      `
The file itself stays too: it marks the folder of the project. \`pype auto-register\` fills it again.

Example:
  $ pype clear-registry`,
    )
    .action(clearRegistry)
}

async function clearRegistry(): Promise<void> {
  const place = await locateRegistry(process.cwd())
  const shown = path.relative(process.cwd(), place.file)
  if (place.builtIn)
    throw new PypeError('USAGE', 'The list of the built-in modules is not cleared.', {
      hint: 'run the command in the folder of your own project',
    })
  if (!(await exists(place.file))) {
    throw new PypeError('FILE_NOT_FOUND', `No ModRegistry.json is in ${place.folder} or above it.`, {
      hint: 'run the command in the folder of a project',
    })
  }
  const count = Object.keys(await readRegistry(place.file)).length
  await writeRegistry(place.file, {})
  printText(`${shown}: removed ${formatQuantity(count, 'module')}.\n`)
}
