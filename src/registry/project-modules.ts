import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { type Diagnostic, DiagnosticsError, PypeError } from '../core/errors.js'
import { suggestPath } from '../core/near-path.js'
import { suggestNearest } from '../core/suggest.js'
import { TYPE_FOLDERS } from './check-module.js'
import { importModule, MODULE_ENDINGS } from './import-module.js'
import { exists, findProjectFolder, REGISTRY_FILE } from './project.js'
import { BUILT_IN_PREFIX, builtInFile, builtInRegistryFile, packageFolder } from './registry.js'
import { describeModule, type RegistryEntries, type RegistryEntry, readRegistry } from './registry-file.js'

/** Where modules are registered: a user's project, or in a checkout of pype the built-in modules. */
export interface RegistryPlace {
  /** The folder that has `modules/`. */
  readonly folder: string
  /** The ModRegistry.json to write. */
  readonly file: string
  readonly builtIn: boolean
}

/** The project that a folder belongs to; a folder without a ModRegistry.json above it becomes one. */
export async function locateRegistry(startFolder: string): Promise<RegistryPlace> {
  const folder = (await findProjectFolder(startFolder)) ?? path.resolve(startFolder)
  const own = packageFolder()
  if (folder === own || folder === path.join(own, 'modules')) return { folder: own, file: builtInRegistryFile(), builtIn: true }
  return { folder, file: path.join(folder, REGISTRY_FILE), builtIn: false }
}

/**
 * The entries of all module files in modules/{source,mods,sinks,solo}, and of modules elsewhere that were registered by
 * their path and are still there. Throws a DiagnosticsError with every module that is not sound.
 */
export async function scanModules(place: RegistryPlace): Promise<RegistryEntries> {
  const files = await listModuleFiles(place)
  for (const [name, entry] of Object.entries(await readRegistry(place.file))) {
    const isScanned = Object.keys(TYPE_FOLDERS).includes(path.relative('modules', path.dirname(entry.module_path)))
    if (place.builtIn || isScanned || files.some((file) => path.parse(file).name === name)) continue
    if (await exists(path.resolve(place.folder, entry.module_path))) files.push(entry.module_path)
  }
  const findings: Diagnostic[] = []
  const causes: unknown[] = []
  const entries: { [name: string]: RegistryEntry } = {}
  for (const file of files) {
    try {
      const [name, entry] = await describeFile(place, file)
      const other = entries[name]
      if (other !== undefined)
        findings.push({
          severity: 'error',
          code: 'MODULE_INVALID',
          message: `Two files define the module "${name}": ${other.module_path} and ${file}.`,
        })
      entries[name] = entry
    } catch (error) {
      if (!(error instanceof PypeError)) throw error
      findings.push(toDiagnostic(error))
      if (error.cause !== undefined) causes.push(error.cause)
    }
  }
  if (findings.length > 0) throw new DiagnosticsError(findings, causes)
  return entries
}

/** The entry of one module, called by its name or by the path of its file. */
export async function describeTarget(
  place: RegistryPlace,
  target: string,
  cwd: string,
): Promise<readonly [name: string, entry: RegistryEntry]> {
  return describeFile(place, await findModuleFile(place, target, cwd))
}

async function describeFile(place: RegistryPlace, file: string): Promise<readonly [string, RegistryEntry]> {
  if (!place.builtIn) {
    const definition = await importModule(path.resolve(place.folder, file))
    return [definition.name, describeModule(definition, file)]
  }
  const name = path.join(path.basename(path.dirname(file)), path.parse(file).name)
  const definition = await importModule(builtInFile(name))
  return [definition.name, describeModule(definition, `${BUILT_IN_PREFIX}${name}`)]
}

/** Paths of the module files from the place's folder on, sorted. Files that begin with `_` and sub folders hold what modules share. */
async function listModuleFiles(place: RegistryPlace): Promise<string[]> {
  const lists = await Promise.all(
    Object.keys(TYPE_FOLDERS).map(async (type) => {
      const folder = path.join('modules', type)
      if (!(await exists(path.join(place.folder, folder)))) return []
      const found = await readdir(path.join(place.folder, folder), { withFileTypes: true })
      return found.filter((entry) => !entry.isDirectory() && isModuleFile(entry.name)).map((entry) => path.join(folder, entry.name))
    }),
  )
  return lists.flat().sort()
}

function isModuleFile(name: string): boolean {
  return !/^[_.]|\.d\.m?ts$|\.(test|spec)\./.test(name) && MODULE_ENDINGS.some((ending) => name.endsWith(ending))
}

function isModuleName(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name)
}

async function findModuleFile(place: RegistryPlace, target: string, cwd: string): Promise<string> {
  if (/^[a-z][a-z0-9_]*$/.test(target)) {
    const files = await listModuleFiles(place)
    const file = files.find((candidate) => path.parse(candidate).name === target)
    if (file !== undefined) return file
    const names = files.map((candidate) => path.parse(candidate).name)
    throw new PypeError(
      'FILE_NOT_FOUND',
      `No file for a module "${target}" is in modules/{${Object.keys(TYPE_FOLDERS).join(',')}} of ${place.folder}.`,
      { hint: suggestNearest(target, names, 'write the module, or give the path of its file') },
    )
  }
  const file = path.resolve(cwd, target)
  if (!(await exists(file)))
    throw new PypeError('FILE_NOT_FOUND', `There is no module file ${target}.`, {
      hint: suggestPath(target, cwd, isModuleName, 'give the name of a module in the folder modules/, or the path of its file'),
    })
  const inside = path.relative(place.folder, file)
  if (inside.startsWith('..'))
    throw new PypeError('USAGE', `${target} is outside of the project folder ${place.folder}.`, {
      hint: 'move the file into the project: a job finds its modules from there',
    })
  if (!MODULE_ENDINGS.some((ending) => inside.endsWith(ending)))
    throw new PypeError('USAGE', `${target} is not a module file.`, { hint: `a module file ends with ${MODULE_ENDINGS.join(', ')}` })
  return inside
}

function toDiagnostic({ code, message, hint, at }: PypeError): Diagnostic {
  return { severity: 'error', code, message, ...(hint === undefined ? {} : { hint }), ...(at === undefined ? {} : { at }) }
}
