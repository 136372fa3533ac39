import { accessSync, constants, lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../../core/errors.js'
import { systemCodeOf } from '../../../core/system-code.js'
import { toDiskError } from './disk.js'

/** Links in a row that are followed, as the system does. */
const LONGEST_CHAIN = 40

/** The file that writing to `target` would write: absolute, all symbolic links followed, also one that leads to nothing yet. */
export function followTarget(target: string): string {
  let current = path.resolve(target)
  /** What is below the part that exists. */
  let below: string[] = []
  for (let links = 0; links < LONGEST_CHAIN; ) {
    try {
      return path.join(realpathSync(current), ...below)
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw toDiskError(target, error)
    }
    const link = readLink(current)
    if (link === undefined) {
      below = [path.basename(current), ...below]
      current = path.dirname(current)
    } else {
      links++
      current = path.resolve(path.dirname(current), link)
    }
  }
  throw new PypeError('FILE_UNWRITABLE', `${target} is a symbolic link that leads to itself.`, {
    hint: 'mend the link, or write elsewhere',
  })
}

function readLink(file: string): string | undefined {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(file) : undefined
}

/** What stands at a target, or undefined when nothing does. Refuses what cannot be replaced by a rename. */
export function checkTarget(target: string, node: string): Stats | undefined {
  const stat = statTarget(target)
  if (stat === undefined) return undefined
  if (!stat.isFile() && !stat.isDirectory()) {
    throw new PypeError('FILE_UNWRITABLE', `${target} is neither a file nor a folder.`, {
      node,
      hint: 'a sink replaces its target as a whole: give it the path of a file',
    })
  }
  try {
    accessSync(target, constants.W_OK)
  } catch (error) {
    throw new PypeError('FILE_UNWRITABLE', `There is no right to write ${target}.`, {
      node,
      hint: 'change the rights of the file, or write elsewhere',
      cause: error,
    })
  }
  return stat
}

function statTarget(target: string): Stats | undefined {
  try {
    return statSync(target, { throwIfNoEntry: false })
  } catch (error) {
    throw toDiskError(target, error)
  }
}
