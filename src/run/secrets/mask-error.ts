import { PypeError } from '../../core/errors.js'
import type { Masker } from './masker.js'

/** An error without secrets in its message, its hint, its stack and all its causes; the error itself when there are none. */
export function maskError<E>(error: E, masker: Masker): E | PypeError | Error {
  if (!(error instanceof Error)) return error
  if (error instanceof PypeError) return maskCoded(error, masker)
  const masked = maskForeign(error, masker)
  return masked
}

/** The same for a coded error. */
export function maskCoded(error: PypeError, masker: Masker): PypeError {
  const cause = maskCause(error.cause, masker)
  const message = masker.mask(error.message)
  const hint = error.hint === undefined ? undefined : masker.mask(error.hint)
  const stack = masker.mask(error.stack ?? '')
  if (cause === error.cause && message === error.message && hint === error.hint && stack === (error.stack ?? '')) return error
  return withStack(new PypeError(error.code, message, { hint, at: error.at, node: error.node, cause }), error.name, stack)
}

function maskCause(cause: unknown, masker: Masker): unknown {
  if (cause instanceof PypeError) return maskCoded(cause, masker)
  if (cause instanceof Error) return maskForeign(cause, masker)
  return typeof cause === 'string' ? masker.mask(cause) : cause
}

/** What others throw may hold secrets in fields of its own: of such an error only the name, the message and the stack are kept. */
function maskForeign(error: Error, masker: Masker): Error {
  const cause = maskCause(error.cause, masker)
  const message = masker.mask(error.message)
  const stack = masker.mask(error.stack ?? '')
  const fields = Object.values(error).some((value) => typeof value === 'string' && masker.finds(value))
  if (cause === error.cause && message === error.message && stack === (error.stack ?? '') && !fields) return error
  return withStack(new Error(message, cause === undefined ? {} : { cause }), error.name, stack)
}

function withStack<E extends Error>(error: E, name: string, stack: string): E {
  error.name = name
  error.stack = stack
  return error
}
