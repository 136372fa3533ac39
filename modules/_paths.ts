/** How modules that work on files look for them: the same paths and globs everywhere. */
import { type Dirent, lstatSync, readdirSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { PypeError } from 'pypeline/sdk'

/** A file, or a folder, as the flow names it: relative paths stay relative. */
export interface Found {
  readonly path: string
  readonly name: string
  readonly isFolder: boolean
}

/** What is looked for, and where. */
export interface Search {
  /** Absolute; relative paths start here. */
  readonly cwd: string
  readonly signal: AbortSignal
}

/** What `findAll` does besides finding files. */
interface FindOptions {
  /** Globs find folders too. */
  readonly folders?: boolean
  readonly missing: 'fail' | 'skip'
}

/** Names of staged files begin like this. */
const STAGED = '.pype-'

/** Whether a path that does not exist is to be read as a glob. */
export function isGlob(path: string): boolean {
  return /[*?[]/.test(path)
}

/** What stands at an absolute path, links followed; undefined for what is not there. Throws a coded error where it cannot be looked at. */
export function look(absolute: string, stat: typeof statSync | typeof lstatSync = statSync): Stats | undefined {
  try {
    return stat(absolute, { throwIfNoEntry: false })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') return undefined
    throw new PypeError('FILE_UNREADABLE', `${absolute} cannot be looked at.`, { cause, hint: 'check the rights of its folders' })
  }
}

/** Whether something stands at a path; a link that leads to nothing is not there. */
export function exists({ cwd }: Pick<Search, 'cwd'>, path: string): boolean {
  return look(resolve(cwd, path)) !== undefined
}

/**
 * What a path (if it exists, literally) or a glob means, or several of them, each once, a glob's in order of path. `isMany` says
 * that there may be any number of them.
 */
export async function findAll(
  search: Search,
  from: string | readonly string[],
  options: FindOptions,
): Promise<{ readonly found: readonly Found[]; readonly isMany: boolean }> {
  const found = new Map<string, Found>()
  let isMany = typeof from !== 'string'
  for (const path of typeof from === 'string' ? [from] : from) {
    const absolute = resolve(search.cwd, path)
    const literal = look(absolute, lstatSync)
    if (literal !== undefined) {
      found.set(absolute, { path, name: basename(absolute), isFolder: literal.isDirectory() })
      continue
    }
    isMany ||= isGlob(path)
    const matches = isGlob(path) ? await findGlob(search, path, options.folders === true) : []
    if (matches.length === 0 && options.missing === 'fail') throw nothingThere(search, path)
    for (const match of matches) found.set(resolve(search.cwd, match.path), match)
  }
  return { found: [...found.values()], isMany }
}

/** The files (and folders) that a glob matches, in order of path. Names with a leading dot match only a pattern with one. */
export async function findGlob(search: Search, glob: string, folders: boolean): Promise<Found[]> {
  const found = new Map<string, Found>()
  const segments = glob.split('/').filter((segment, i) => segment !== '' || i === 0)
  const root = segments[0] === '' ? '/' : ''
  await matchBelow(search, root, root === '/' ? segments.slice(1) : segments, (match) => {
    if (folders || !match.isFolder) found.set(match.path, match)
  })
  return [...found.values()].sort((a, b) => compareText(a.path, b.path))
}

/** All that lies in a folder, with `recursive` in those below it too; folders that are links are not gone into. Hidden names only with `hidden`. */
export async function* walkFolder(
  search: Search,
  folder: string,
  options: { readonly recursive: boolean; readonly hidden: boolean },
): AsyncGenerator<Found & { readonly isLink: boolean }> {
  const below: string[] = []
  for await (const found of readFolder(search, folder)) {
    if (found.name.startsWith(options.hidden ? STAGED : '.')) continue
    yield found
    if (options.recursive && found.isFolder && !found.isLink) below.push(found.path)
  }
  for (const each of below) yield* walkFolder(search, each, options)
}

/** Order by code units: the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A path in a folder, written as the folder is. */
export function joinPath(folder: string, name: string): string {
  return folder === '' || folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`
}

/** The folder of a glob above its first segment with a `*`, `?` or `[`. */
export function baseOfGlob(glob: string): string {
  return dirname(glob.slice(0, glob.search(/[*?[]/) + 1))
}

async function matchBelow(
  search: Search,
  folder: string,
  [segment, ...rest]: readonly string[],
  add: (found: Found) => void,
): Promise<void> {
  if (segment === undefined) return
  if (segment === '**') return matchDeep(search, folder, rest, add)
  if (!isGlob(segment)) {
    const path = joinPath(folder, segment)
    const kind = kindOf(resolve(search.cwd, path))
    if (kind === undefined) return
    if (rest.length > 0) return matchBelow(search, path, rest, add)
    return add({ path, name: segment, isFolder: kind === 'folder' })
  }
  const pattern = toPattern(segment)
  const below: string[] = []
  for await (const found of readFolder(search, folder)) {
    if (!pattern.test(found.name) || (found.name.startsWith('.') && !segment.startsWith('.'))) continue
    if (rest.length === 0) add(found)
    else if (found.isFolder) below.push(found.path)
  }
  for (const path of below) await matchBelow(search, path, rest, add)
}

/** `**` stands for any number of folders; at the end for all that is in them. */
async function matchDeep(search: Search, folder: string, rest: readonly string[], add: (found: Found) => void): Promise<void> {
  const folders = [folder]
  for await (const found of walkFolder(search, folder, { recursive: true, hidden: false })) {
    if (rest.length === 0) add(found)
    else if (found.isFolder && !found.isLink) folders.push(found.path)
  }
  if (rest.length > 0) for (const each of folders) await matchBelow(search, each, rest, add)
}

/** Entries that are read before others get a turn. */
const TURN = 5000

async function* readFolder({ cwd, signal }: Search, folder: string): AsyncGenerator<Found & { readonly isLink: boolean }> {
  let entries: Dirent[]
  const absolute = resolve(cwd, folder)
  try {
    entries = readdirSync(absolute, { withFileTypes: true })
  } catch (cause) {
    // What is not there, or is no folder, has nothing in it.
    if (kindOf(absolute) !== 'folder') return
    throw new PypeError('FILE_UNREADABLE', `The folder ${absolute} cannot be read.`, { cause, hint: 'check the rights of the folder' })
  }
  for (const [index, entry] of entries.entries()) {
    if (index % TURN === 0) await breathe()
    signal.throwIfAborted()
    const path = joinPath(folder, entry.name)
    const isLink = entry.isSymbolicLink()
    const isFolder = entry.isDirectory() || (isLink && kindOf(resolve(cwd, path)) === 'folder')
    yield { path, name: entry.name, isFolder, isLink }
  }
}

function kindOf(absolute: string): 'file' | 'folder' | undefined {
  const stat = look(absolute)
  return stat === undefined ? undefined : stat.isDirectory() ? 'folder' : 'file'
}

/** `*` and `?` as in a shell; `[abc]`, `[a-z]`, `[!abc]`. */
function toPattern(segment: string): RegExp {
  const source = segment.replace(/\*+|\?|\[(!?)(\]?[^\]]*)\]|[\\^$.|+(){}[\]]/g, (text: string, not?: string, set?: string) => {
    if (text.startsWith('*')) return '.*'
    if (text === '?') return '.'
    if (set !== undefined && set !== '') return `[${not === '!' ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`
    return text.replace(/[\\^$.|+(){}[\]]/g, '\\$&')
  })
  return new RegExp(`^${source}$`, 'su')
}

function nothingThere({ cwd }: Search, path: string): PypeError {
  const absolute = resolve(cwd, path)
  const message = isGlob(path) ? `The glob ${absolute} matches nothing.` : `${absolute} does not exist.`
  return new PypeError('FILE_NOT_FOUND', message, { hint: 'check the path; relative paths start at the folder where pype run is called' })
}
