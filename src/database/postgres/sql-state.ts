import { PypeError } from '../../core/errors.js'

/** The five characters by which the server classes an error, looked for in the error and in what caused it. */
export function sqlStateOf(error: unknown): string | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one instanceof PypeError) continue
    if ('code' in one && typeof one.code === 'string' && /^[0-9A-Z]{5}$/.test(one.code)) return one.code
  }
  return undefined
}
