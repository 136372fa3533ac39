import path from 'node:path'
import { DiagnosticsError, PypeError } from '../core/errors.js'
import { formatQuantity } from '../core/quantity.js'
import { findProjectFolder, REGISTRY_FILE } from '../registry/project.js'
import { scanModules } from '../registry/project-modules.js'
import { formatRegistry, readRegistry } from '../registry/registry-file.js'
import { type Finding, tryCheck } from './finding.js'

/** Whether the modules of the project around a folder are sound, and listed as they are. */
export async function checkProject(startFolder: string): Promise<readonly Finding[]> {
  const check = 'project'
  const folder = await findProjectFolder(startFolder)
  if (folder === undefined) return [{ check, status: 'ok', message: `none around ${startFolder}: only built-in modules are found` }]
  return tryCheck(check, async () => {
    const file = path.join(folder, REGISTRY_FILE)
    const listed = await readRegistry(file)
    const found = await scanModules({ folder, file, builtIn: false }).catch(toFirst)
    const count = formatQuantity(Object.keys(found).length, 'module')
    return formatRegistry(listed) === formatRegistry(found)
      ? [{ check, status: 'ok', message: `${folder}: ${count}` }]
      : [{ check, status: 'warn', message: `${file} does not list the modules as they are (${count})`, hint: 'run `pype auto-register`' }]
  })
}

function toFirst(error: unknown): never {
  const [first] = error instanceof DiagnosticsError ? error.diagnostics : []
  throw first === undefined
    ? error
    : new PypeError(first.code, first.message, { hint: first.hint ?? 'run `pype auto-register`', cause: error })
}
