import { PypeError } from './errors.js'
import type { TextSpan } from './source-text.js'

/** A connection that cannot be read; `offset` and `length` say where in its text. */
export class ConnectionSyntaxError extends PypeError {
  readonly offset: number
  readonly length: number

  constructor(message: string, span: TextSpan, hint?: string) {
    super('CONNECTION_SYNTAX', message, { hint })
    this.name = 'ConnectionSyntaxError'
    this.offset = span.offset
    this.length = Math.max(1, span.length)
  }
}

/** What the ids of nodes and the names of ports look like. */
export const CONNECTION_NAME = /^[A-Za-z][A-Za-z0-9_]*$/

/** The text from `start` to `end` without the blanks around it. */
export function trimmedSpan(text: string, start: number, end: number): TextSpan {
  const piece = text.slice(start, end)
  const body = piece.trim()
  return { offset: start + (body === '' ? 0 : piece.length - piece.trimStart().length), length: body.length }
}

/** The text of a span. */
export function textAt(text: string, span: TextSpan): string {
  return text.slice(span.offset, span.offset + span.length)
}

/** A piece of a connection as messages show it. */
export function quotePiece(text: string): string {
  return text === '' ? 'nothing' : JSON.stringify(text)
}
