import { PypeError } from '../core/errors.js'
import { EXIT } from './exit-codes.js'
import { explainUncaught } from './explain-uncaught.js'

/** Those who are told that nothing is left to wait for. */
const waiting = new Set<() => void>()

const exit = process.exit.bind(process)

/** Ends the process at once. Once {@link guardEnd} was called, nothing else does. */
export function exitNow(code: number | string): never {
  return exit(code)
}

/** Tells `stalled` when the process would end because there is nothing left that anything could wait for. The returned function ends that. */
export function onStall(stalled: () => void): () => void {
  waiting.add(stalled)
  return () => waiting.delete(stalled)
}

/**
 * Sees to it that a command ends by its own doing, with the exit code that it has come to. Code of modules could end it in three other ways:
 * by `process.exit`, which throws from now on; by an error that nothing catches, in a timer for one, which is printed like all errors; and by waiting
 * for what never comes, upon which Node.js would end with exit code 0. The returned function is called when the command has ended.
 */
export function guardEnd(): () => void {
  process.exit = () => {
    throw new Error('process.exit was called, which would end the whole command')
  }
  process.on('uncaughtException', (error) => endWith(explainUncaught(error)))
  process.on('beforeExit', tellStall)
  return () => process.off('beforeExit', tellStall)
}

function tellStall(): void {
  const told = [...waiting]
  waiting.clear()
  for (const stalled of told) stalled()
  // What they do about it may begin with promises alone, which keep no process.
  if (told.length > 0) setImmediate(() => {})
  else
    void endWith(
      new PypeError('INTERNAL', 'The command waits for something that cannot come any more.', {
        hint: 'most often that is a promise in the code of a module that nothing settles',
      }),
    )
}

async function endWith(error: unknown): Promise<never> {
  const { printError } = await import('./terminal/print-error.js')
  printError(error)
  return exit(EXIT.failed)
}
