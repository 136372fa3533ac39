import { setTimeout as sleep } from 'node:timers/promises'
import type { Patience } from './ask-committed.js'

/** Waits as long as the run is not cancelled. */
export function createPatience(signal: AbortSignal): Patience {
  return {
    pause: async (seconds) => {
      // Rejects at the cancel only, after which nobody wants to wait.
      await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined)
    },
  }
}
