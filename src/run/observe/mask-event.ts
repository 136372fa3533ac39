import type { EventError, RunEvent } from '../../core/events.js'
import type { Masker } from '../secrets/masker.js'

/** An event without secrets in its free texts; names of nodes and the like hold none. */
export function maskEvent(event: RunEvent, masker: Masker): RunEvent {
  if (event.type === 'log') {
    const { message, fields } = event
    return { ...event, message: masker.mask(message), ...(fields === undefined ? {} : { fields: masker.maskObject(fields) }) }
  }
  if (event.type === 'artifact.spilled') return { ...event, reason: masker.mask(event.reason), path: masker.mask(event.path) }
  return 'error' in event && event.error !== undefined ? { ...event, error: maskEventError(event.error, masker) } : event
}

/** The error of an event without secrets; the same one when there are none, since its origin is known by it. */
export function maskEventError(error: EventError, masker: Masker): EventError {
  const message = masker.mask(error.message)
  const hint = error.hint === undefined ? undefined : masker.mask(error.hint)
  if (message === error.message && hint === error.hint) return error
  return { ...error, message, ...(hint === undefined ? {} : { hint }) }
}
