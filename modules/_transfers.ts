/** What file_copy and file_move have alike: which file goes where. */
import { resolve } from 'node:path'
import { type ConfigSpec, type ConfigSpecs, PypeError } from 'pypeline/sdk'
import { exists, findAll, joinPath, look, type Search } from './_paths.js'

export const FROM = {
  type: ['path', 'list'],
  of: 'path',
  description: 'Path, list of paths, or glob. A path that exists is meant literally. Folders are not taken.',
  example: 'in/orders_*.csv',
} as const satisfies ConfigSpec

export const TRANSFER_CONFIG = {
  required: {
    from: FROM,
    to: {
      type: 'path',
      description:
        'Path of the target. A folder, where the files keep their names, when it is one, when it ends with `/`, and for a list or a glob. Folders on the way are made.',
      example: 'archive/',
    },
  },
  optional: {
    mode: {
      type: 'enum',
      values: ['overwrite', 'error_if_exists', 'skip'],
      description: 'What to do with a target that exists. skip leaves it, and its source, as they are.',
      example: 'skip',
      default: 'overwrite',
    },
  },
} as const satisfies ConfigSpecs

export const COUNT = { type: 'int', description: 'Number of files.' } as const

/** One file and where it goes. */
export interface Transfer {
  readonly source: string
  readonly target: string
}

/** Pairs sources with targets, without those whose target `skip` leaves alone. Throws coded errors. */
export async function planTransfers(
  search: Search,
  { from, to, mode }: { readonly from: string | readonly string[]; readonly to: string; readonly mode: string },
): Promise<readonly Transfer[]> {
  const { found, isMany } = await findAll(search, from, { missing: 'fail' })
  const isFolder = isMany || to.endsWith('/') || look(resolve(search.cwd, to))?.isDirectory() === true
  refuseFile(search, to, isFolder)
  const targets = new Map<string, string>()
  const transfers: Transfer[] = []
  for (const { path, name } of found) {
    const target = isFolder ? joinPath(to, name) : to
    const other = targets.get(target)
    if (other !== undefined) {
      throw new PypeError('NAME_CLASH', `${other} and ${path} would both become ${target}.`, {
        hint: 'put them into different folders, or into an archive, which keeps their folders',
      })
    }
    targets.set(target, path)
    if (mode !== 'skip' || !exists(search, target)) transfers.push({ source: path, target })
  }
  return transfers
}

/** How a target is staged: what `skip` found free must not be overwritten either. */
export function stageModeOf(mode: string): 'replace' | 'create' {
  return mode === 'overwrite' ? 'replace' : 'create'
}

function refuseFile({ cwd }: Search, to: string, isFolder: boolean): void {
  const folder = resolve(cwd, to)
  if (!isFolder || look(folder)?.isDirectory() !== false) return
  throw new PypeError('FILE_UNWRITABLE', `${folder} is a file, expected a folder for the files.`, {
    hint: 'give the path of a folder; for one file: its path without a glob, a list or a `/` at the end',
  })
}
