import type { PypeError } from '../../core/errors.js'
import { EXIT } from '../exit-codes.js'
import { exitNow } from '../process-end.js'
import { onHangUp } from '../terminal/on-hang-up.js'
import { isWatched } from '../watch/watched-run.js'

/**
 * The first signal cancels, for `reason`, and so does a terminal that closes; the second one ends the process at once, after `tidy`. Once the returned
 * function was called, nothing is left to cancel: a signal only hurries the end, and the exit code stays that of the command.
 */
export function watchSignals(
  controller: AbortController,
  print: (text: string) => void = (text) => process.stderr.write(text),
  tidy: () => void = () => {},
  reason?: PypeError,
): () => void {
  let hasEnded = false
  let isHeard = false
  const hear = () => {
    if (hasEnded) exitNow(process.exitCode ?? EXIT.cancelled)
    if (controller.signal.aborted && !isWatched()) {
      tidy()
      exitNow(EXIT.cancelled)
    }
    // A watch may have cancelled it just before the signal came here.
    if (!isHeard) print('cancelling; once more to stop at once\n')
    isHeard = true
    controller.abort(reason)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, hear)
  // It may be told twice, by way of the shell too, and means no haste.
  onHangUp(() => {
    if (!hasEnded && !controller.signal.aborted) hear()
  })
  return () => {
    hasEnded = true
  }
}
