import { DiagnosticsError, PypeError } from '../core/errors.js'
import { printDiagnostics } from './print-diagnostics.js'

/** Prints the error that ended a command to stderr: its code, node, place and hint, and no stack. */
export function printError(error: unknown): void {
  if (error instanceof DiagnosticsError) {
    printDiagnostics(error.diagnostics)
    return
  }
  const known = error instanceof PypeError ? error : toInternal(error)
  const { code, message, hint, at, node } = known
  printDiagnostics([
    {
      severity: 'error',
      code,
      message: node === undefined ? message : `node ${node}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
      ...(at === undefined ? {} : { at }),
    },
  ])
  if (process.env.PYPE_DEBUG === '1') process.stderr.write(`${stackOf(error)}\n`)
}

function toInternal(error: unknown): PypeError {
  return new PypeError('INTERNAL', error instanceof Error ? error.message : String(error), {
    hint: 'this is a defect of pype: please report it with the command and the flow; PYPE_DEBUG=1 shows where it happened',
  })
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? error.message
  return error.cause === undefined ? own : `${own}\nCaused by: ${stackOf(error.cause)}`
}
