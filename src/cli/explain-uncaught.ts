import path from 'node:path'
import { PypeError } from '../core/errors.js'
import { messageWithCauses } from '../core/message-with-causes.js'

/** Files of pype, of Node.js and of packages. */
const NOT_OF_A_PROJECT = /^node:|[\\/](?:dist[\\/]bundle|node_modules)[\\/]/

/** An error that nothing has caught: one of the project's code, where its stack names a file of that, else the error itself. */
export function explainUncaught(error: unknown): unknown {
  const place = projectPlace(error)
  if (place === undefined) return error
  return new PypeError('MODULE_FAILED', `Code of a module failed at ${place} where nothing could catch it: ${messageWithCauses(error)}`, {
    hint: 'what a module starts it has to await: then the error is one of its node, and the run ends in order. A run that was going on counts as killed',
    cause: error,
  })
}

/** `FILE:LINE` of the innermost place in a file of the project. */
function projectPlace(error: unknown): string | undefined {
  for (const frame of error instanceof Error ? (error.stack ?? '').split('\n') : []) {
    const [, file = '', line] = /^\s+at .*?[( ]?(?:file:\/\/)?((?:\/|node:)[^()]*):(\d+):\d+\)?$/.exec(frame) ?? []
    if (line !== undefined && !NOT_OF_A_PROJECT.test(file)) return `${path.basename(file)}:${line}`
  }
  return undefined
}
