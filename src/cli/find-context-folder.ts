import { existsSync } from 'node:fs'
import path from 'node:path'

/** The folder with the folder `context/` of a flow that is not run from its job: that of its file, else its job in `out`. Absolute. */
export function findContextFolder(file: string, name: string, out: string, cwd: string): string {
  const beside = path.dirname(path.resolve(cwd, file))
  return existsSync(path.join(beside, 'context')) ? beside : path.resolve(cwd, out, name)
}
