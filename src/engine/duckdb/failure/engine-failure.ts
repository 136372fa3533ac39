import { messageOf } from '../../../core/errors.js'

/** What DuckDB says of an error with `errors_as_json`. */
export interface EngineFailure {
  readonly exception_type: string
  readonly exception_message: string
  readonly candidates?: string
  readonly name?: string
  readonly error_subtype?: string
  /** In bytes, in the statement. */
  readonly position?: string
}

/** Takes what the engine threw apart; what it did not say in JSON is all message. */
export function readFailure(error: unknown): EngineFailure {
  const text = messageOf(error)
  const start = text.indexOf('{"exception_type"')
  if (start >= 0) {
    const parsed: unknown = parseJson(text.slice(start))
    if (isFailure(parsed)) return parsed
  }
  return { exception_type: 'Unknown', exception_message: text }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // Some messages carry raw control characters; the caller then shows the whole text.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isFailure(value: unknown): value is EngineFailure {
  return typeof value === 'object' && value !== null && 'exception_type' in value && 'exception_message' in value
}

/** What a message of the engine begins with: behind that it quotes the statement, or gives advice that does not fit. */
export function firstParagraph(message: string): string {
  return (
    message
      .split(/\n\s*\n|\nLINE |\nDid you mean |\n\s*Candidate functions|\s+You might need to add explicit|\s+In order to select one/)[0]
      ?.trim() ?? message
  )
}
