import { PypeError } from '../../../core/errors.js'
import { classifyFailure } from './classify-failure.js'
import { type EngineFailure, firstParagraph, readFailure } from './engine-failure.js'
import { explainCsvFailure } from './explain-csv.js'
import { explainUnknownName, suggestCandidate } from './explain-name.js'
import { explainBadJson, explainUnlikeValues } from './explain-values.js'
import type { Explained } from './explained.js'

/** True when the database can no longer be used after this error. */
export function isFatal(error: unknown): boolean {
  const { exception_type } = readFailure(error)
  return exception_type === 'FATAL' || exception_type === 'INTERNAL'
}

/** Where in its statement an error of the engine lies, in bytes; undefined when it does not say. `error` is what {@link toPypeError} made of it. */
export function positionOf(error: PypeError): number | undefined {
  const { position } = failureOf(error)
  return position === undefined ? undefined : Number(position)
}

function failureOf(error: PypeError): EngineFailure {
  const thrown = error.cause instanceof Error ? error.cause.cause : undefined
  return readFailure(thrown ?? error.cause)
}

/** A coded error for what the engine threw. */
export function toPypeError(error: unknown, statement?: string): PypeError {
  if (error instanceof PypeError) return error
  const failure = readFailure(error)
  const text = failure.exception_message.trim()
  const cause = statement === undefined ? error : new Error(`${text}\nin: ${statement}`, { cause: error })
  const { code, message, hint } = explain(text, failure)
  return new PypeError(code, message, { cause, hint })
}

/** What is known by how its text begins goes first, since what follows may quote the statement; what is only known by its kind goes last. */
function explain(message: string, failure: EngineFailure): Explained {
  return (
    explainUnknownName(message, failure) ??
    explainUnlikeValues(message) ??
    explainCsvFailure(message) ??
    explainBadJson(message) ??
    explainByKind(message, failure)
  )
}

function explainByKind(message: string, failure: EngineFailure): Explained {
  const [code, hint] = classifyFailure(failure, message)
  const isUnlike = /^(No function matches|Could not choose a best candidate)/.test(message)
  const advice = isUnlike ? 'convert what is not of the right type with CAST, or choose another function' : suggestCandidate(failure)
  return { code, message: firstParagraph(message), hint: advice ?? hint }
}
