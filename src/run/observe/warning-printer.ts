import type { RunEvent } from '../../core/events.js'
import { describeEvent } from './describe-event.js'
import type { Listener } from './emitter.js'

/** More are in the log only: a loop may warn in each of its passes. */
const MOST_WARNINGS = 20

/** Prints the warnings of a run as they come, for somebody who does not read its log. What failed is told by the summary. */
export function createWarningPrinter(print: (text: string) => void): Listener {
  let printed = 0
  return {
    name: 'warnings',
    hear: (event) => {
      if (!isWarning(event) || printed > MOST_WARNINGS) return
      printed++
      const node = event.type === 'log' && event.node !== undefined ? `node ${event.node}: ` : ''
      print(printed > MOST_WARNINGS ? 'more warnings are in the log\n' : `warning  ${node}${describeEvent(event).message}\n`)
    },
  }
}

function isWarning(event: RunEvent): boolean {
  if (event.type === 'leftover.settled' || event.type === 'subflow.retried') return true
  // What a command writes to its stderr is no warning of pype.
  return event.type === 'log' && event.level === 'warn' && event.fields?.['stream'] === undefined
}
