import { DiagnosticsError, PypeError, toCodedError } from '../../core/errors.js'
import { type EventError, originOf, toEventError } from '../../core/events.js'
import { printDiagnostics, printErrors } from './print-diagnostics.js'

const DEFECT_HINT = 'this is a defect of pype: please report it with the command and the flow; PYPE_DEBUG=1 shows where it happened'

/** Prints the error that ended a command to stderr: its code, node, place and hint, and no stack. */
export function printError(error: unknown): void {
  if (error instanceof DiagnosticsError) {
    printDiagnostics(error.diagnostics)
    printStacks(error.causes)
    return
  }
  const known = error instanceof PypeError ? error : toCodedError(error).with({ hint: DEFECT_HINT })
  printErrors([toEventError(known)])
  printStacks([error])
}

/** Prints the errors that ended a run in the same way. */
export function printRunErrors(errors: readonly EventError[]): void {
  printErrors(errors)
  printStacks(errors.map(originOf).filter((origin) => origin !== undefined))
}

/** Prints where errors were thrown, for who asks for it. */
function printStacks(errors: readonly unknown[]): void {
  if (process.env.PYPE_DEBUG !== '1') return
  for (const error of errors) process.stderr.write(`${stackOf(error)}\n`)
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? error.message
  return error.cause === undefined ? own : `${own}\nCaused by: ${stackOf(error.cause)}`
}
