import { PypeError } from '../core/errors.js'

/** Longest time that a timer takes, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1

/** A signal that is aborted by the caller's cancel or by the timeout (in seconds), with the coded error as its reason. */
export function watchForStop(
  cancelled: AbortSignal | undefined,
  timeout: number | null,
): { readonly signal: AbortSignal; readonly clear: () => void } {
  const controller = new AbortController()
  const cancel = () => controller.abort(new PypeError('CANCELLED', 'The run was cancelled.'))
  cancelled?.addEventListener('abort', cancel, { once: true })
  if (cancelled?.aborted) cancel()
  const expire = () =>
    controller.abort(
      new PypeError('TIMEOUT', `The run took longer than its timeout of ${timeout} s.`, {
        hint: 'raise settings.timeout in the flow, and build it again',
      }),
    )
  const timer = timeout === null ? undefined : setTimeout(expire, Math.min(timeout * 1000, LONGEST_TIMER))
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer)
      cancelled?.removeEventListener('abort', cancel)
    },
  }
}
