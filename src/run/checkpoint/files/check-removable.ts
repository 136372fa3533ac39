import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../../core/errors.js'
import type { KnownFile } from './file-proof.js'
import { knowFile } from './file-proof.js'

/** The sticky bit of a folder's mode: only the owner of a file in it, or of the folder, may take it away. */
const STICKY = 0o1000

/**
 * Throws FILE_UNWRITABLE when a path could not be taken out of its folder: after the intent of a commit it would be too late to
 * find out. A folder is looked at with all that is in it.
 */
export function checkRemovable(target: string, known: KnownFile, node: string): void {
  const folder = path.dirname(target)
  if (!mayChange(folder)) throw noRight(target, `There is no right to change the folder ${folder}`, node)
  const sticky = statSync(folder)
  if ((sticky.mode & STICKY) !== 0) {
    const me = process.geteuid?.()
    const owner = statOwner(target)
    if (me !== 0 && me !== owner && me !== sticky.uid) throw noRight(target, `Only its owner may take it out of ${folder}`, node)
  }
  if (known.kind !== 'folder') return
  if (known.device !== knowFile(folder)?.device) throw noRight(target, 'Another disk is mounted there', node)
  checkFolders(target, node)
}

function checkFolders(folder: string, node: string): void {
  if (!mayChange(folder)) throw noRight(folder, 'There is no right to change it', node)
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) checkFolders(path.join(folder, entry.name), node)
}

function mayChange(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return true
  } catch {
    // Whatever the reason, the folder cannot be changed; the caller says so.
    return false
  }
}

function statOwner(target: string): number {
  return Number(statSync(target, { throwIfNoEntry: false })?.uid ?? -1)
}

function noRight(target: string, reason: string, node: string): PypeError {
  return new PypeError('FILE_UNWRITABLE', `${target} cannot be moved or deleted. ${reason}.`, {
    node,
    hint: 'change the rights of the folder that it lies in, or leave it there',
  })
}
