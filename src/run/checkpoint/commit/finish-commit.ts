import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../../core/errors.js'
import type { Disk } from '../files/disk.js'
import { isProven, isSameFile, knowFile } from '../files/file-proof.js'
import { type Fingerprint, fingerprint, fingerprintFiles } from '../files/fingerprint.js'
import type { CommitEntry } from '../journal/records.js'

type Entry<Kind extends CommitEntry['kind']> = Extract<CommitEntry, { kind: Kind }>

/*
 * file:    staged -> in place     rename
 * folder:  staged, old -> staged, aside -> in place, aside -> in place
 * append:  staged -> in place, staged -> in place        (cut, append, flush, then the staged files go)
 * move:    at its source -> in place     rename; a source that is another file by now is left alone
 * delete:  there -> gone                 a folder: there -> aside -> gone; what is another file by now stays
 * Each arrow can be the last thing that a process did; whoever comes next goes on from the state that it finds.
 */

/**
 * Puts everything in place that an intent names, from whatever state a process left it in. Called again it changes
 * nothing. Throws COMMIT_LOST when a staged file is gone and its target is not what it was to become.
 */
export async function finishCommit(
  plan: { readonly entries: readonly CommitEntry[]; readonly remove: readonly string[] },
  disk: Disk,
): Promise<void> {
  const folders = new Set<string>()
  for (const entry of plan.entries) {
    folders.add(path.dirname(entry.target))
    if (entry.kind === 'delete') continue
    if (entry.kind === 'move') placeMoved(entry, disk, folders)
    else if (entry.kind === 'file') await placeFile(entry, disk)
    else if (entry.kind === 'folder') await placeFolder(entry, disk, folders)
    else await appendFiles(entry, disk)
  }
  for (const folder of folders) disk.flushFolder(folder)
  const deletions = plan.entries.filter((entry) => entry.kind === 'delete')
  if (deletions.length > 0) {
    // After the copies are flushed: a file that goes to another disk is never on neither.
    for (const entry of deletions) takeAway(entry, disk)
    for (const folder of new Set(deletions.map(({ target }) => path.dirname(target)))) disk.flushFolder(folder)
  }
  // Only now: what was replaced can be had back until the new state is sure to stay.
  for (const entry of plan.entries) {
    if (entry.kind === 'folder') disk.remove(entry.aside)
    if (entry.kind === 'delete' && entry.aside !== null) disk.remove(entry.aside)
    if (entry.kind === 'append') for (const staged of entry.staged) disk.remove(staged)
  }
  for (const staged of plan.remove) disk.remove(staged)
}

async function placeFile(entry: Entry<'file'>, disk: Disk): Promise<void> {
  // Rename last: readers take the file as complete.
  if (existsSync(entry.staged)) disk.rename(entry.staged, entry.target)
  else await checkInPlace(entry.target, entry, entry.staged)
}

function placeMoved(entry: Entry<'move'>, disk: Disk, folders: Set<string>): void {
  const { source, target } = entry
  folders.add(path.dirname(source))
  if (isProven(source, entry)) {
    // The system takes the rename of one name of a file to another one for done.
    if (isOtherName(source, target)) disk.remove(source)
    else disk.rename(source, target)
  } else if (!isProven(target, entry)) throw lost(target, source)
}

function isOtherName(source: string, target: string): boolean {
  const [from, to] = [knowFile(source), knowFile(target)]
  return from !== undefined && to !== undefined && isSameFile(from, to) && from.links > 1n
}

function takeAway(entry: Entry<'delete'>, disk: Disk): void {
  const { target, aside } = entry
  if (!isProven(target, entry)) return
  if (aside === null) disk.remove(target)
  // With something aside, that is the folder that was meant.
  else if (!existsSync(aside)) disk.rename(target, aside)
}

/** The hidden paths of an entry, which go when it is given up. */
export function stagedPathsOf(entry: CommitEntry): readonly string[] {
  if (entry.kind === 'move' || entry.kind === 'delete') return []
  return typeof entry.staged === 'string' ? [entry.staged] : entry.staged
}

async function placeFolder(entry: Entry<'folder'>, disk: Disk, folders: Set<string>): Promise<void> {
  const { staged, target, aside } = entry
  if (!existsSync(staged)) return checkInPlace(target, entry, staged)
  const made = disk.makeFolder(path.dirname(target))
  if (made !== undefined)
    for (let folder = path.dirname(target); folder.length >= made.length; folder = path.dirname(folder)) folders.add(path.dirname(folder))
  if (existsSync(target)) {
    if (existsSync(aside)) {
      throw new PypeError('COMMIT_LOST', `${target} came back while it was being replaced.`, {
        hint: `look into ${aside} and ${staged}, and remove what is not wanted`,
      })
    }
    disk.rename(target, aside)
    folders.add(path.dirname(aside))
  }
  disk.rename(staged, target)
}

async function appendFiles(entry: Entry<'append'>, disk: Disk): Promise<void> {
  const { target, old_length: oldLength, size } = entry
  const length = statSync(target, { throwIfNoEntry: false })?.size
  // The staged files go only after the target was flushed: one that is gone means that all is in place.
  if (!entry.staged.every((staged) => existsSync(staged))) {
    const found =
      length === undefined
        ? undefined
        : await fingerprintFiles([{ file: target, size: Math.min(length, oldLength + size), start: oldLength }])
    if (found === undefined || !isSame(found, entry)) throw lost(target, entry.staged.join(', '))
    return
  }
  if ((length ?? 0) < oldLength) {
    throw new PypeError('COMMIT_LOST', `${target} has become shorter while rows were appended to it.`, {
      hint: 'only one process may write the file; restore it and run again',
    })
  }
  if (length !== undefined && length > oldLength) disk.truncate(target, oldLength)
  for (const staged of entry.staged) await disk.appendFile(staged, target)
  await disk.flushFile(target)
}

async function checkInPlace(target: string, expected: Fingerprint, staged: string): Promise<void> {
  if (existsSync(target) && isSame(await fingerprint(target), expected)) return
  throw lost(target, staged)
}

function isSame(a: Fingerprint, b: Fingerprint): boolean {
  return a.size === b.size && a.hash === b.hash
}

function lost(target: string, staged: string): PypeError {
  return new PypeError('COMMIT_LOST', `${target} was to become what was staged as ${staged}; that is gone, and the target is not it.`, {
    hint: 'the target holds what it held before, or what somebody else wrote since; run the job again to write it anew',
  })
}
