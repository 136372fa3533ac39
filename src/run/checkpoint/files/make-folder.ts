import path from 'node:path'
import type { Disk } from './disk.js'

/**
 * Makes a folder and those above it so that they outlast a power cut: the flush of a folder keeps the names in it, and not its own.
 * Returns the topmost one that was made.
 */
export function makeLastingFolder(disk: Disk, folder: string): string | undefined {
  const made = disk.makeFolder(folder)
  if (made === undefined) return undefined
  for (let one = folder; one.length >= made.length; one = path.dirname(one)) disk.flushFolder(path.dirname(one))
  return made
}
