import path from 'node:path'
import type { Command } from 'commander'
import { describeTarget, locateRegistry } from '../../registry/project-modules.js'
import { readRegistry, writeRegistry } from '../../registry/registry-file.js'
import { printText } from '../terminal/print-text.js'

/** `pype register-module NAME|PATH`: checks one module and lists it in the project's ModRegistry.json. */
export function register(program: Command): void {
  program
    .command('register-module')
    .description("check one module and list it in the project's ModRegistry.json")
    .argument('<name|path>', 'a module in modules/{source,mods,sinks,solo}, or the path of its file')
    .addHelpText(
      'after',
      `
The project is the nearest parent folder with a ModRegistry.json, else the current folder.

Examples:
  $ pype register-module trim_mod
  $ pype register-module modules/mods/trim_mod.ts`,
    )
    .action(registerModule)
}

async function registerModule(target: string): Promise<void> {
  const place = await locateRegistry(process.cwd())
  const [name, entry] = await describeTarget(place, target, process.cwd())
  await writeRegistry(place.file, { ...(await readRegistry(place.file)), [name]: entry })
  printText(`Registered ${name} (${entry.module_path}) in ${path.relative(process.cwd(), place.file)}.\n`)
}
