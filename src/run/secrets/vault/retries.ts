import { setTimeout as sleep } from 'node:timers/promises'

/** What of an answer says whether another try may fare better. */
interface Answered {
  readonly status: number
  readonly text: string
}

/** Milliseconds before the first retry; each later one waits twice as long. */
const FIRST_DELAY = 500

/** Faults of a network or of a server that is being started. A name that is not found and a certificate that nobody knows are not among them. */
const PASSING_CODES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/**
 * Sends a request, and up to `most` times again while the fault is one that passes: an answer that Vault's own client asks anew for (412, 429 and
 * 5xx, but not 501; nor a server that is sealed), or a connection that broke. What does not answer in time has had its time. Resolves or rejects as the
 * last try did; aborting `stop` ends the waiting.
 */
export async function sendWithRetries<T extends Answered>(send: () => Promise<T>, most: number, stop: AbortSignal): Promise<T> {
  for (let retry = 0; retry < most; retry++) {
    try {
      const answer = await send()
      if (!isPassing(answer)) return answer
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && PASSING_CODES.has(error.code))) throw error
    }
    await sleep(FIRST_DELAY * 2 ** retry, undefined, { signal: stop })
  }
  return send()
}

function isPassing({ status, text }: Answered): boolean {
  if (status === 503) return !/seal/i.test(text)
  return status === 412 || status === 429 || (status >= 500 && status !== 501)
}
