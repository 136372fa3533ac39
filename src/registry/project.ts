import { access } from 'node:fs/promises'
import path from 'node:path'

/** The file that marks the folder of a project and lists its modules. */
export const REGISTRY_FILE = 'ModRegistry.json'

/** The nearest of `start` and its parents that has a ModRegistry.json. */
export async function findProjectFolder(start: string): Promise<string | undefined> {
  for (let folder = path.resolve(start); ; folder = path.dirname(folder)) {
    if (await exists(path.join(folder, REGISTRY_FILE))) return folder
    if (folder === path.dirname(folder)) return undefined
  }
}

/** Whether there is a file or a folder at this path. */
export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
