import { readdirSync } from 'node:fs'
import path from 'node:path'
import { nearest } from './errors.js'

/** Folders that are looked into for a file that is not where it was said to be. */
const MOST_FOLDERS = 200

/**
 * The path that was meant by one that does not exist: with other names of its folders or of its last part, else a file of nearly its
 * name in a folder below. `isWanted` says by the name which files count; `'folder'`: folders do. Undefined: nothing is near.
 */
export function findNearPath(written: string, cwd: string, isWanted: ((name: string) => boolean) | 'folder'): string | undefined {
  return walkNames(written, cwd, isWanted) ?? (isWanted === 'folder' ? undefined : findBelow(written, cwd, isWanted))
}

/** A hint that names the path that was meant, or says something else when none is near. */
export function suggestPath(written: string, cwd: string, isWanted: ((name: string) => boolean) | 'folder', otherwise: string): string {
  const near = findNearPath(written, cwd, isWanted)
  return near === undefined ? otherwise : `did you mean "${near}"?`
}

/** Whether a name is that of a YAML file. */
export function isYamlName(name: string): boolean {
  return /\.ya?ml$/i.test(name)
}

function walkNames(written: string, cwd: string, isWanted: ((name: string) => boolean) | 'folder'): string | undefined {
  const parts = path.normalize(written).replace(/\/+$/, '').split(path.sep)
  if (['', '.', '..'].includes(parts.at(-1) ?? '')) return undefined
  let found = ''
  for (const [i, part] of parts.entries()) {
    const isLast = i === parts.length - 1
    if (part === '' || part === '.' || part === '..') {
      found = `${found}${part}${path.sep}`
      continue
    }
    const entries = listFolder(path.resolve(cwd, found))
    const names = entries.flatMap(({ name, isFolder }) => (isMeant(name, isFolder, isLast, isWanted) ? [name] : []))
    const name = names.includes(part) ? part : nearest(part, names)
    if (name === undefined) return undefined
    found = `${found}${name}${isLast ? '' : path.sep}`
  }
  return found
}

function isMeant(name: string, isFolder: boolean, isLast: boolean, isWanted: ((name: string) => boolean) | 'folder'): boolean {
  if (!isLast || isWanted === 'folder') return isFolder
  return !isFolder && isWanted(name)
}

/** A file of this name, with or without its ending, in a folder below, the nearest first; else one of nearly this name. */
function findBelow(written: string, cwd: string, isWanted: (name: string) => boolean): string | undefined {
  const wanted = path.basename(written)
  const files = listFiles(cwd, isWanted)
  const exact = files.find((file) => path.basename(file) === wanted || path.parse(file).name === wanted)
  if (exact !== undefined) return exact
  const near = nearest(
    wanted,
    files.map((file) => path.basename(file)),
  )
  return files.find((file) => path.basename(file) === near)
}

function listFiles(cwd: string, isWanted: (name: string) => boolean): readonly string[] {
  const files: string[] = []
  const folders = ['']
  for (const folder of folders) {
    const entries = listFolder(path.resolve(cwd, folder))
    // What lies in a job is a copy, or comes of a run.
    if (entries.some(({ name }) => name.endsWith('_dag.json'))) continue
    for (const { name, isFolder } of entries) {
      const place = path.join(folder, name)
      if (!isFolder && isWanted(name)) files.push(place)
      if (isFolder && name !== 'node_modules' && folders.length < MOST_FOLDERS) folders.push(place)
    }
  }
  return files
}

interface Entry {
  readonly name: string
  readonly isFolder: boolean
}

/** Without what is hidden. A folder that is not there, or cannot be read, has nothing to suggest. */
function listFolder(folder: string): readonly Entry[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() || (entry.isSymbolicLink() && !path.extname(entry.name)) }))
  } catch {
    return []
  }
}
