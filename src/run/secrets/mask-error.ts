import { PypeError } from '../../core/errors.js'
import { isObject } from '../../core/json.js'
import type { Masker } from './masker.js'

/** An error without secrets in its message, its hint, its stack and all its causes; the error itself when there are none. */
export function maskError(error: unknown, masker: Masker): unknown {
  if (error instanceof PypeError) return maskCoded(error, masker)
  if (error instanceof Error) return maskForeign(error, masker)
  return typeof error === 'string' ? masker.mask(error) : error
}

/** The same for a coded error. */
export function maskCoded(error: PypeError, masker: Masker): PypeError {
  const cause = maskError(error.cause, masker)
  const message = masker.mask(error.message)
  const hint = error.hint === undefined ? undefined : masker.mask(error.hint)
  const stack = masker.mask(error.stack ?? '')
  if (cause === error.cause && message === error.message && hint === error.hint && stack === (error.stack ?? '')) return error
  return withStack(new PypeError(error.code, message, { hint, at: error.at, node: error.node, cause }), error.name, stack)
}

/** What others throw may hold secrets in fields of its own, a whole request for one: then only name, message and stack are kept. */
function maskForeign(error: Error, masker: Masker): Error {
  const cause = maskError(error.cause, masker)
  const message = masker.mask(error.message)
  const stack = masker.mask(error.stack ?? '')
  const fields = !masker.isEmpty && Object.values(error).some((value) => isObject(value) || masker.finds(String(value)))
  if (cause === error.cause && message === error.message && stack === (error.stack ?? '') && !fields) return error
  return withStack(new Error(message, cause === undefined ? {} : { cause }), error.name, stack)
}

function withStack<E extends Error>(error: E, name: string, stack: string): E {
  error.name = name
  error.stack = stack
  return error
}
