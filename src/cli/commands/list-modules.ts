import type { Command } from 'commander'
import { PypeError } from '../../core/errors.js'
import { openCatalogue, readRegistries } from '../../registry/registry.js'
import { describeModule } from '../../registry/registry-file.js'
import { formatModuleTable, type ListedModule } from '../catalogue/module-table.js'
import { openPage } from '../terminal/open-page.js'

/** `pype list-modules [NAME]`: all modules by category, or one in detail. */
export function register(program: Command): void {
  program
    .command('list-modules')
    .description('list all modules by category, or show one: its ports, configs, globals and an example')
    .argument('[name]', 'a module')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ pype list-modules
  $ pype list-modules csv_source
  $ pype list-modules --json`,
    )
    .action((name: string | undefined, { json = false }: { readonly json?: boolean }) =>
      name === undefined ? listAll(json) : showOne(name, json),
    )
}

async function listAll(json: boolean): Promise<void> {
  const modules = await readModules()
  process.stdout.write(`${json ? JSON.stringify(modules, undefined, 2) : formatModuleTable(modules, openPage(process.stdout).width)}\n`)
}

async function showOne(name: string, json: boolean): Promise<void> {
  const catalogue = await openCatalogue(process.cwd())
  const module = await catalogue.find(name)
  if (module === undefined) {
    throw new PypeError('UNKNOWN_MODULE', `No module is called "${name}".`, { hint: await catalogue.hintFor(name) })
  }
  const { definition, modulePath } = module
  const origin = module.sourceHash === null ? 'built-in' : 'project'
  const page = openPage(process.stdout)
  const { exampleFlow, formatModulePage } = await import('../catalogue/module-page.js')
  const listed = { name, origin, ...describeModule(definition, modulePath), example: exampleFlow(definition) }
  process.stdout.write(
    `${json ? JSON.stringify(listed, undefined, 2) : page.spellSigns(formatModulePage(definition, origin, page.width))}\n`,
  )
}

/** All modules sorted by name; one of the project hides a built-in one of its name. */
async function readModules(): Promise<ListedModule[]> {
  const listed = new Map<string, ListedModule>()
  for (const { folder, entries } of await readRegistries(process.cwd())) {
    for (const [name, entry] of Object.entries(entries)) {
      if (!listed.has(name)) listed.set(name, { name, origin: folder === null ? 'built-in' : 'project', ...entry })
    }
  }
  return [...listed.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
