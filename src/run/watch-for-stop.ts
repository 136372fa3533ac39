import { PypeError } from '../core/errors.js'
import { formatQuantity } from '../core/quantity.js'

/** Longest time that a timer takes, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Nodes that are named one by one. */
const MOST_NAMED = 5

/**
 * A signal that is aborted by the caller's cancel or by the timeout (in seconds), with the coded error as its reason. `running`
 * are the nodes at work at that moment, which the error names.
 */
export function watchForStop(
  cancelled: AbortSignal | undefined,
  timeout: number | null,
  running: Iterable<string>,
): { readonly signal: AbortSignal; readonly clear: () => void } {
  const controller = new AbortController()
  const cancel = () => controller.abort(new PypeError('CANCELLED', 'The run was cancelled.'))
  cancelled?.addEventListener('abort', cancel, { once: true })
  if (cancelled?.aborted) cancel()
  const expire = () =>
    controller.abort(
      new PypeError('TIMEOUT', `The run took longer than its timeout of ${timeout} s${describeRunning([...running])}.`, {
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

function describeRunning(nodes: readonly string[]): string {
  if (nodes.length === 0) return ''
  const others = nodes.length - MOST_NAMED
  const named = [...nodes.slice(0, MOST_NAMED), ...(others > 0 ? [formatQuantity(others, 'other')] : [])]
  const last = named.pop()
  return `; ${named.length === 0 ? `${last} was` : `${named.join(', ')} and ${last} were`} running`
}
