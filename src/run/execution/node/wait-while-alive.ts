import { PypeError } from '../../../core/errors.js'

/**
 * Tells its listener when nothing is left in the process that anything could wait for: whoever waits then waits for ever. The function that it returns
 * ends that.
 */
export type OnStall = (stalled: () => void) => () => void

/** What the work of a node comes to. Throws MODULE_FAILED when that can come no more: a promise that nothing settles keeps no process, and would be its end. */
export async function waitWhileAlive<T>(onStall: OnStall | undefined, module: string, work: Promise<T>): Promise<T> {
  if (onStall === undefined) return work
  let stop = () => {}
  const stalled = new Promise<never>((_, reject) => {
    stop = onStall(() =>
      reject(
        new PypeError(
          'MODULE_FAILED',
          `The module ${module} waits for something that cannot come any more: nothing is going on that could bring it.`,
          {
            hint: 'look in the code of the module for a promise that is never settled, or rows that never end',
          },
        ),
      ),
    )
  })
  try {
    return await Promise.race([work, stalled])
  } finally {
    stop()
  }
}
