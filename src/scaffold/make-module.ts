import path from 'node:path'
import { PypeError } from '../core/errors.js'
import { readPort } from '../registry/ports.js'
import { describeTarget, locateRegistry } from '../registry/project-modules.js'
import { builtInRegistryFile } from '../registry/registry.js'
import { readRegistry, writeRegistry } from '../registry/registry-file.js'
import { formatModule, type ModulePlan } from './module.js'
import { makeFiles } from './new-files.js'

/** A module that was made. Both absolute. */
export interface MadeModule {
  readonly file: string
  readonly registry: string
  /** A built-in module has the same name: in this project it is not found any more. */
  readonly hides: boolean
}

const FOLDER_OF_TYPE = { source: 'source', mod: 'mods', sink: 'sinks', solo: 'solo' } as const

/** Makes a module in the project around a folder, and lists it. Throws USAGE for a name or ports that no module can have, and as {@link makeFiles} does. */
export async function makeModule(plan: ModulePlan, startFolder: string): Promise<MadeModule> {
  const { name, type } = plan
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new PypeError('USAGE', `A module cannot be called ${JSON.stringify(name)}.`, {
      hint: 'a lower-case letter first, then lower-case letters, digits and _',
    })
  }
  const place = await locateRegistry(startFolder)
  if (place.builtIn) {
    throw new PypeError('USAGE', `${place.folder} is the folder of pype itself.`, { hint: 'make a project elsewhere: `pype init NAME`' })
  }
  const inside = path.join('modules', FOLDER_OF_TYPE[type], `${name}.ts`)
  const listed = await readRegistry(place.file)
  if (Object.hasOwn(listed, name)) {
    throw new PypeError('FILE_EXISTS', `${place.file} lists a module ${name} already; nothing was made.`, { hint: 'choose another name' })
  }
  checkPorts(plan)
  const undo = await makeFiles(place.folder, [{ path: inside, content: formatModule(plan), about: 'a module' }])
  try {
    const [, entry] = await describeTarget(place, path.join(place.folder, inside), startFolder)
    await writeRegistry(place.file, { ...listed, [name]: entry })
  } catch (error) {
    await undo()
    throw error
  }
  const hides = Object.hasOwn(await readRegistry(builtInRegistryFile()), name)
  return { file: path.join(place.folder, inside), registry: place.file, hides }
}

/** The check of modules says the rest, such as that a source has no inputs. Here are those whose text could not even be read. */
function checkPorts({ inputPorts, outputPorts }: ModulePlan): void {
  const wrong = [...inputPorts.map((port) => readPort(port).name), ...outputPorts].find((port) => !/^[a-z][a-z0-9_]*$/.test(port))
  if (wrong === undefined) return
  throw new PypeError('USAGE', `A port cannot be called ${JSON.stringify(wrong)}.`, {
    hint: 'a lower-case letter first, then lower-case letters, digits and _',
  })
}
