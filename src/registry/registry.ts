import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { PypeError } from '../core/errors.js'
import { suggestNearest } from '../core/suggest.js'
import type { ModuleDefinition } from '../sdk/define-module.js'
import type { ModuleCatalogue, ResolvedModule } from './catalogue.js'
import { TYPE_FOLDERS } from './check-module.js'
import { hashModule, importModule, MODULE_ENDINGS, moduleGone } from './import-module.js'
import { useInstead } from './other-names.js'
import { exists, findProjectFolder, REGISTRY_FILE } from './project.js'
import { type RegistryEntries, readRegistry } from './registry-file.js'

/** What the paths of built-in modules begin with. */
export const BUILT_IN_PREFIX = 'pype:'

/** Modules that are listed somewhere, with the folder that their paths start at; null for the built-in ones. */
export interface Registry {
  readonly folder: string | null
  readonly entries: RegistryEntries
}

/** Opens the modules that a flow in `startFolder` may use. Reads the lists only; a module is loaded when it is asked for. */
export async function openCatalogue(startFolder: string): Promise<ModuleCatalogue> {
  const registries = await readRegistries(startFolder)
  const names = [...new Set(registries.flatMap(({ entries }) => Object.keys(entries)))].sort()
  return {
    names: () => names,
    find: async (name) => {
      const registry = registries.find(({ entries }) => Object.hasOwn(entries, name))
      const modulePath = registry?.entries[name]?.module_path
      return modulePath === undefined ? undefined : resolveModule(modulePath, registry?.folder ?? null)
    },
    hintFor: async (name) => {
      const file = await findUnregistered(name, startFolder)
      if (file !== undefined)
        return `${file} is not registered yet: run \`pype auto-register\` in ${path.dirname(path.dirname(path.dirname(file)))}`
      const use = useInstead(name)
      const meant = use === undefined ? suggestNearest(name, names, 'check the name;') : `for that pype has ${use};`
      return `${meant} \`pype list-modules\` shows all ${names.length}.`
    },
  }
}

/** The file of a module that stands in the project, or beside the flow where there is no project yet, and is not listed. */
async function findUnregistered(name: string, startFolder: string): Promise<string | undefined> {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) return undefined
  const project = (await findProjectFolder(startFolder)) ?? startFolder
  for (const folder of Object.keys(TYPE_FOLDERS))
    for (const ending of MODULE_ENDINGS) {
      const file = path.resolve(project, 'modules', folder, `${name}${ending}`)
      if (await exists(file)) return file
    }
  return undefined
}

/** The lists of modules that hold in a folder, the user's project first. */
export async function readRegistries(startFolder: string): Promise<readonly Registry[]> {
  const folder = await findProjectFolder(startFolder)
  const builtIn = { folder: null, entries: await readRegistry(builtInRegistryFile()) }
  return folder === undefined ? [builtIn] : [{ folder, entries: await readRegistry(path.join(folder, REGISTRY_FILE)) }, builtIn]
}

/**
 * Loads the module that a dag names. A path that is not `pype:…` is looked for in each of the project folders, in order.
 * With `sourceHash` a file that differs from the one that was built with throws MODULE_CHANGED.
 */
export async function loadModule(
  modulePath: string,
  options: { readonly projectFolders: readonly string[]; readonly sourceHash?: string | null },
): Promise<ModuleDefinition> {
  if (modulePath.startsWith(BUILT_IN_PREFIX)) return importModule(await findBuiltIn(modulePath))
  const candidates = options.projectFolders.map((folder) => path.resolve(folder, modulePath))
  for (const file of candidates) {
    if (!(await exists(file))) continue
    if (typeof options.sourceHash === 'string' && (await hashModule(file)) !== options.sourceHash) throw changed(file)
    return importModule(file)
  }
  const [first] = candidates
  throw first === undefined ? projectGone(modulePath) : moduleGone(first)
}

/** The folder of this package. */
export function packageFolder(): string {
  return path.dirname(createRequire(import.meta.url).resolve('pypeline/package.json'))
}

/** The list of the built-in modules, shipped with the package. */
export function builtInRegistryFile(): string {
  return path.join(packageFolder(), 'modules', REGISTRY_FILE)
}

/** The file of a built-in module (`source/csv_source`): compiled beside our own compiled code, else the source. */
export function builtInFile(name: string): string {
  return fileURLToPath(new URL(`../../modules/${name}${isCompiled() ? '.js' : '.ts'}`, import.meta.url))
}

function projectGone(modulePath: string): PypeError {
  return new PypeError('MODULE_GONE', `The job uses ${modulePath} of a project, and no folder around the job has a ${REGISTRY_FILE}.`, {
    hint: `bring the ${REGISTRY_FILE} and the modules/ of the project along, to a folder above the job's, or run the job from the project's folder`,
  })
}

async function resolveModule(modulePath: string, folder: string | null): Promise<ResolvedModule> {
  if (modulePath.startsWith(BUILT_IN_PREFIX)) {
    return { definition: await importModule(await findBuiltIn(modulePath)), modulePath, sourceHash: null }
  }
  const file = path.resolve(folder ?? '.', modulePath)
  // The hash first: it says MODULE_GONE for a file that is not there.
  const sourceHash = await hashModule(file)
  return { definition: await importModule(file), modulePath, sourceHash }
}

async function findBuiltIn(modulePath: string): Promise<string> {
  const name = modulePath.slice(BUILT_IN_PREFIX.length)
  const file = builtInFile(name)
  if (/^(source|mods|sinks|solo)\/[a-z][a-z0-9_]*$/.test(name) && (await exists(file))) return file
  throw new PypeError('MODULE_GONE', `This version of pype has no module ${modulePath}.`, {
    hint: 'build the flow again with this version; `pype list-modules` shows what it has',
  })
}

function changed(file: string): PypeError {
  return new PypeError('MODULE_CHANGED', `The module file ${file} is not the one that the job was built with.`, {
    hint: 'build the flow again, then run it',
  })
}

function isCompiled(): boolean {
  return import.meta.url.endsWith('.js')
}
