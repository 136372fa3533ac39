import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/** Whether an npm package that a module names (with or without a version: `sharp`, `sharp@0.34`) can be imported by code in `folder`. */
export function isInstalled(name: string, folder: string): boolean {
  const bare = name.replace(/(?<=.)@.*$/, '')
  const folders = createRequire(path.join(folder, 'package.json')).resolve.paths(bare) ?? []
  return folders.some((candidate) => existsSync(path.join(candidate, bare)))
}
