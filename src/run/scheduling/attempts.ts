import { setTimeout as sleep } from 'node:timers/promises'
import type { ErrorCode } from '../../core/error-codes.js'
import { PypeError } from '../../core/errors.js'

/** How often and how soon a sub flow is tried again. */
export interface AttemptOptions {
  /** Attempts after the first one. */
  readonly retries: number
  /** Before the second attempt; it doubles from there. */
  readonly delaySeconds: number
  readonly signal: AbortSignal
  /** From 0 to 1. */
  readonly random: () => number
  readonly onRetry: (attempt: number, delaySeconds: number, error: unknown) => void
}

/** Share by which a delay may differ, so that what failed together does not come back together. */
const JITTER = 0.2

/** Attempts on top of the retries for a sub flow that fell because the data engine did: mostly the fault of another one. */
const EXTRA_ATTEMPTS = 2

/** Tries until an attempt succeeds; rejects with the error of the last one. */
export async function runAttempts(run: (attempt: number) => Promise<void>, options: AttemptOptions): Promise<void> {
  let extra = 0
  for (let attempt = 1; ; attempt++) {
    try {
      return await run(attempt)
    } catch (error) {
      if (extra < EXTRA_ATTEMPTS && isEngineLost(error)) extra++
      if (attempt > options.retries + extra || options.signal.aborted || isFinal(error)) throw error
      const delay = options.delaySeconds * 2 ** (attempt - 1) * (1 + JITTER * (2 * options.random() - 1))
      options.onRetry(attempt + 1, delay, error)
      await pause(delay, options.signal)
      // Right before the attempt: what was cancelled while it waited starts nothing.
      options.signal.throwIfAborted()
    }
  }
}

/*
 * SQL_INVALID and CONFIG_INVALID are not among them: they may be about the columns of a file, which can be another one by the
 * next attempt.
 */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  // What has begun to commit must be finished, not run again.
  'COMMIT_UNFINISHED',
  'COMMIT_PARTIAL',
  // A sub flow gets the same values in each of its attempts.
  'TEMPLATE_VALUE',
  'CONTEXT_MISSING',
  'CONFIG_MISSING',
  'CONFIG_TYPE',
  // Only `fail` says so, which does nothing else.
  'FAILED_BY_FLOW',
])

/** Whether another attempt is sure to fail in the same way, or must not be. */
function isFinal(error: unknown): boolean {
  return error instanceof PypeError && FINAL.has(error.code)
}

function isEngineLost(error: unknown): boolean {
  return error instanceof PypeError && error.code === 'ENGINE_LOST'
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  if (seconds > 0) await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined)
}
