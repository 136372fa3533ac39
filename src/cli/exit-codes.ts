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

/** Codes that say that the command, the flow, the job or the context is wrong; nothing has run. */
const WRONG = [
  'USAGE',
  'FILE_NOT_FOUND',
  'FILE_UNREADABLE',
  'FILE_EXISTS',
  'YAML_SYNTAX',
  'SCHEMA',
  'UNKNOWN_KEY',
  'DUPLICATE_KEY',
  'DUPLICATE_ID',
  'TEMPLATE_UNQUOTED',
  'NUMBER_INEXACT',
  'UNKNOWN_SETTING',
  'SETTING_INVALID',
  'ENGINE_UNAVAILABLE',
  'UNKNOWN_MODULE',
  'MODULE_INVALID',
  'MODULE_GONE',
  'MODULE_CHANGED',
  'REGISTRY_INVALID',
  'CONFIG_MISSING',
  'CONFIG_TYPE',
  'UNKNOWN_CONFIG',
  'CONFIG_INVALID',
  'PACKAGE_MISSING',
  'CONNECTION_SYNTAX',
  'UNKNOWN_NODE',
  'UNKNOWN_PORT',
  'PORT_TAKEN',
  'PORT_OPEN',
  'DUPLICATE_CONNECTION',
  'TYPE_RULE',
  'DATA_CIRCLE',
  'CONTROL_CIRCLE',
  'SAME_SUB_FLOW',
  'ISOLATED_SUB_FLOW',
  'ITERATE_SHARED',
  'SCOPE_LEFT',
  'LOOKUP_ORDER',
  'TARGET_SHARED',
  'TARGET_IN_LOOP',
  'UNKNOWN_GLOBAL',
  'GLOBAL_TOO_EARLY',
  'UNKNOWN_CONTEXT',
  'CONTEXT_INVALID',
  'CONTEXT_MISSING',
  'ITER_OUTSIDE_LOOP',
  'SECRET_NOT_ALLOWED',
  'TEMPLATE_IN_COMMAND',
  'TEMPLATE_SYNTAX',
  'TEMPLATE_VALUE',
  'DATABASE_CONNECTION_INVALID',
  'LOCK_INVALID',
  'LOCK_OUTDATED',
  'SECRET_UNREADABLE',
  'JOB_INVALID',
  'JOB_VERSION',
  'NOTHING_TO_RESUME',
  'RESUME_REFUSED',
  'CURSOR_WAITS',
  'JOURNAL_FOREIGN',
  'TEST_INVALID',
  'TEST_ACTS_OUTSIDE',
  'PREVIEW_REFUSED',
  'PREVIEW_VALUE',
  'WHERE_INVALID',
] as const satisfies readonly ErrorCode[]

/** The codes whose error does not mean `failed`. */
const EXIT_OF_CODE: { readonly [C in ErrorCode]?: number } = {
  ...Object.fromEntries(WRONG.map((code) => [code, EXIT.wrong])),
  RUN_BUSY: EXIT.busy,
  RUN_SKIPPED: EXIT.completed,
  CANCELLED: EXIT.cancelled,
}

/** The exit code for an error that ended a command. A run that had started does not throw: its summary says how it ended. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof DiagnosticsError) return EXIT.wrong
  return error instanceof PypeError ? (EXIT_OF_CODE[error.code] ?? EXIT.failed) : EXIT.failed
}
