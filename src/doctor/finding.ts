import { messageOf, PypeError } from '../core/errors.js'

/** What a check has found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** The next action; for `warn` and `fail`. */
  readonly hint?: string
}

/** Does a check; whatever it throws is what is wrong. `mask` hides secrets. */
export async function tryCheck(
  check: string,
  look: () => Promise<readonly Finding[]>,
  mask = (text: string) => text,
): Promise<readonly Finding[]> {
  try {
    return await look()
  } catch (error) {
    const hint = error instanceof PypeError ? error.hint : undefined
    const code = error instanceof PypeError ? `${error.code} ` : ''
    return [
      {
        check,
        status: 'fail',
        message: mask(`${code}${messageOf(error).split('\n', 1)[0]}`),
        ...(hint === undefined ? {} : { hint: mask(hint) }),
      },
    ]
  }
}
