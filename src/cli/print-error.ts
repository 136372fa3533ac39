import { DiagnosticsError, PypeError, toCodedError } from '../core/errors.js'
import { toEventError } from '../core/events.js'
import { printDiagnostics, printErrors } from './print-diagnostics.js'

const DEFECT_HINT = 'this is a defect of pype: please report it with the command and the flow; PYPE_DEBUG=1 shows where it happened'

/** Prints the error that ended a command to stderr: its code, node, place and hint, and no stack. */
export function printError(error: unknown): void {
  if (error instanceof DiagnosticsError) {
    printDiagnostics(error.diagnostics)
    return
  }
  const known = error instanceof PypeError ? error : toCodedError(error).with({ hint: DEFECT_HINT })
  printErrors([toEventError(known)])
  if (process.env.PYPE_DEBUG === '1') process.stderr.write(`${stackOf(error)}\n`)
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? error.message
  return error.cause === undefined ? own : `${own}\nCaused by: ${stackOf(error.cause)}`
}
