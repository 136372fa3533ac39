import type { ErrorCode } from '../core/error-codes.js'
import { DiagnosticsError, PypeError } from '../core/errors.js'

/** What the command's exit code says. */
export const EXIT = {
  completed: 0,
  /** A run failed, or something could not be done. */
  failed: 1,
  /** The command, the flow or the context is wrong. */
  wrong: 2,
  /** Another run of the job is going on. */
  busy: 3,
  cancelled: 130,
} as const

/** The codes whose error does not mean `failed`. */
const EXIT_OF_CODE: { readonly [C in ErrorCode]?: number } = {
  USAGE: EXIT.wrong,
  FILE_NOT_FOUND: EXIT.wrong,
  YAML_SYNTAX: EXIT.wrong,
  SCHEMA: EXIT.wrong,
  UNKNOWN_KEY: EXIT.wrong,
  UNKNOWN_MODULE: EXIT.wrong,
  MODULE_INVALID: EXIT.wrong,
  MODULE_GONE: EXIT.wrong,
  MODULE_CHANGED: EXIT.wrong,
  REGISTRY_INVALID: EXIT.wrong,
  CONFIG_MISSING: EXIT.wrong,
  CONFIG_TYPE: EXIT.wrong,
  CONFIG_INVALID: EXIT.wrong,
  TEMPLATE_SYNTAX: EXIT.wrong,
  CANCELLED: EXIT.cancelled,
}

/** The exit code for an error that ended a command. An error of a node comes from a run that had started: it failed. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof DiagnosticsError) return EXIT.wrong
  if (!(error instanceof PypeError)) return EXIT.failed
  const code = EXIT_OF_CODE[error.code] ?? EXIT.failed
  return error.node !== undefined && code === EXIT.wrong ? EXIT.failed : code
}
