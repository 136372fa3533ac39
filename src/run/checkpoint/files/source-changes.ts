import { realpathSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../../core/errors.js'
import { systemCodeOf } from '../../../core/system-code.js'
import type { CommitEntry } from '../journal/records.js'
import { checkRemovable } from './check-removable.js'
import { checkReadable, notAFile, sourceChanged, sourceMissing } from './copy-source.js'
import { type Disk, toDiskError } from './disk.js'
import { isSameFile, isUnchanged, type KnownFile, knowFile } from './file-proof.js'

/** A file of the user's that the commit moves or, without a `target`, deletes. Nothing happens to it before. */
export interface SourceChange {
  readonly node: string
  readonly source: string
  readonly known: KnownFile
  readonly target: string | undefined
  readonly mode: 'replace' | 'create'
  /** A hidden name beside a folder that goes. */
  readonly aside: string
}

/** What is to be moved or deleted, as it is now: the path with the links of its folders followed, and what stands there. */
export function findSource(source: string, node: string): { readonly file: string; readonly known: KnownFile } {
  const file = path.join(realFolder(path.dirname(source), source, node), path.basename(source))
  const known = knowFile(file)
  if (known === undefined) throw sourceMissing(source, node)
  return { file, known }
}

/** Throws where a file cannot be moved to a target. */
export function checkMove({ file, known }: { readonly file: string; readonly known: KnownFile }, target: string, node: string): void {
  if (known.kind !== 'file' && known.kind !== 'link') throw notAFile(file, node)
  refuseItself(file, known, target, node)
  const there = knowFile(target)
  if (there?.kind === 'folder') throw targetIsFolder(target, node)
  checkRemovable(file, known, node)
  // It is flushed before it is moved, and copied where it goes to another disk.
  if (known.kind === 'file') checkReadable(file, node)
}

/** Throws where a target is the very file that is to go there. */
export function refuseItself(file: string, known: KnownFile, target: string, node: string): void {
  const there = knowFile(target)
  // Other names of one file are fine to write over: what is written is a new file.
  if (file !== target && (there === undefined || !isSameFile(there, known) || known.links > 1n)) return
  // Where upper and lower case are one, a name can differ from itself.
  if (file !== target && path.dirname(file) === path.dirname(target)) return
  throw new PypeError('CONFIG_INVALID', `${file} is the source and the target.`, { node, hint: 'give another target' })
}

/** Throws where something cannot be deleted, or must not be. */
export function checkDelete(
  { file, known }: { readonly file: string; readonly known: KnownFile },
  recursive: boolean,
  cwd: string,
  node: string,
): void {
  if (known.kind === 'folder' && !recursive) {
    throw new PypeError('FILE_UNWRITABLE', `${file} is a folder, expected a file.`, {
      node,
      hint: `to delete it with all that is in it, set recursive: true; to delete the files in it: ${file}/*`,
    })
  }
  if (known.kind === 'folder' && `${realpathSync(cwd)}/`.startsWith(file.endsWith('/') ? file : `${file}/`)) {
    throw new PypeError('FILE_UNWRITABLE', `${file} is a folder that the run works in.`, { node, hint: 'delete what is in it' })
  }
  checkRemovable(file, known, node)
}

/**
 * Says how each file is moved or deleted; `targets` are the paths that other entries of the commit write. Throws SOURCE_CHANGED
 * when a file is not what it was. Call it last: a file that changes later stays where it is, and the commit with it.
 */
export async function planChanges(changes: readonly SourceChange[], targets: readonly string[], disk: Disk): Promise<CommitEntry[]> {
  refuseClashes(changes, targets)
  const entries: CommitEntry[] = []
  const folders = changes.filter(({ known }) => known.kind === 'folder').map(({ source }) => `${source}/`)
  for (const { node, source, target, known, aside } of changes) {
    // It goes with the folder that it lies in.
    if (target === undefined && folders.some((folder) => source.startsWith(folder))) continue
    const { size, modified, kind } = known
    // What somebody has just written may not be on the disk yet.
    if (target !== undefined && kind === 'file' && isUnchanged(source, known)) await disk.flushFile(source)
    if (target !== undefined) entries.push({ kind: 'move', source, target, size, modified })
    else entries.push({ kind: 'delete', target: source, aside: kind === 'folder' ? aside : null, size, modified })
    if (target !== undefined && knowFile(target)?.kind === 'folder') throw targetIsFolder(target, node)
  }
  for (const { node, source, known } of changes) if (!isUnchanged(source, known)) throw sourceChanged(source, node)
  return entries
}

function refuseClashes(changes: readonly SourceChange[], written: readonly string[]): void {
  const targets = new Set(written)
  const sources = new Set<string>()
  for (const { node, source, target } of changes) {
    if (sources.has(source)) {
      throw new PypeError('NAME_CLASH', `${source} is to be moved or deleted twice in one sub flow.`, { node, hint: 'name it once' })
    }
    sources.add(source)
    if (target === undefined) continue
    if (targets.has(target)) {
      throw new PypeError('NAME_CLASH', `Two files are to become ${target}.`, { node, hint: 'give each a target of its own' })
    }
    targets.add(target)
  }
  const moved = changes.flatMap((change) => (change.target === undefined ? [] : [change.source]))
  for (const { node, source, known } of changes) {
    const inside = known.kind === 'folder' ? [...targets, ...moved].find((other) => other.startsWith(`${source}/`)) : undefined
    if (targets.has(source) || inside !== undefined) {
      throw new PypeError(
        'NAME_CLASH',
        `${source} is to be taken away, and ${inside ?? 'it'} is to be written or moved in the same sub flow.`,
        {
          node,
          hint: 'part the two by a control connection',
        },
      )
    }
  }
}

function targetIsFolder(target: string, node: string): PypeError {
  return new PypeError('FILE_UNWRITABLE', `${target} is a folder, and a file is to be written there.`, {
    node,
    hint: 'remove the folder, or give the path of a file',
  })
}

function realFolder(folder: string, source: string, node: string): string {
  try {
    return realpathSync(folder)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') throw sourceMissing(source, node)
    throw toDiskError(source, error)
  }
}
