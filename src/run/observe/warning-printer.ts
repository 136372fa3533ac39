import type { RunEvent } from '../../core/events.js'
import { describeEvent } from './describe-event.js'
import type { Listener } from './emitter.js'

/** More are in the log only: a loop may warn in each of its passes. */
const MOST_WARNINGS = 20

/** What somebody should know who does not read the log of a run. */
export interface Warning {
  readonly code?: string
  /** With the node that it is of. */
  readonly message: string
  readonly hint?: string
}

/** Prints the warnings of a run as they come. What failed is told by the summary. */
export function createWarningPrinter(print: (warning: Warning) => void): Listener {
  let printed = 0
  return {
    name: 'warnings',
    hear: (event) => {
      if (!isWarning(event) || printed > MOST_WARNINGS) return
      printed++
      print(printed > MOST_WARNINGS ? { message: 'more warnings are in the log' } : describeWarning(event))
    },
  }
}

function describeWarning(event: RunEvent): Warning {
  const { node, fields: { code, hint } = {} } = event.type === 'log' ? event : {}
  const { message } = describeEvent(event)
  return {
    ...(typeof code === 'string' ? { code } : {}),
    message: node === undefined ? message : `node ${node}: ${message}`,
    ...(typeof hint === 'string' ? { hint } : {}),
  }
}

function isWarning(event: RunEvent): boolean {
  if (event.type === 'leftover.settled' || event.type === 'subflow.retried') return true
  // What a command writes to its stderr is no warning of pype.
  return event.type === 'log' && event.level === 'warn' && event.fields?.['stream'] === undefined
}
