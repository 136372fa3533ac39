import type { JsonObject } from '../../core/json.js'
import type { Failure } from '../compare/failure.js'
import type { CaseResult } from '../testing.js'

/** A result for machines. */
export function describeResult({ file, flow, name, at, status, reason, seconds, failures, folder }: CaseResult): JsonObject {
  return {
    file,
    flow,
    name,
    line: at.line,
    status,
    ...(reason === undefined ? {} : { reason }),
    seconds,
    failures: failures.map(describeFailure),
    ...(folder === undefined ? {} : { folder }),
  }
}

function describeFailure({ subject, message, at, hint, rows }: Failure): JsonObject {
  return {
    subject,
    message,
    line: at.line,
    column: at.column,
    ...(hint === undefined ? {} : { hint }),
    ...(rows === undefined
      ? {}
      : { missing: rows.match.missing.length, unexpected: rows.match.unexpected.length, changed: rows.match.changed.length }),
  }
}
