/** Waiting that ends at once when the run is cancelled. */
import { setTimeout as wait } from 'node:timers/promises'

/** The longest that a timer takes, in milliseconds. */
const LONGEST = 2 ** 31 - 1

/** Resolves after so many seconds; rejects with the signal's reason as soon as it is aborted. */
export async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + seconds * 1000
  for (let left = seconds * 1000; left > 0; left = end - performance.now()) {
    try {
      await wait(Math.min(Math.ceil(left), LONGEST), undefined, { signal })
    } catch (error) {
      signal.throwIfAborted()
      throw error
    }
  }
  signal.throwIfAborted()
}
