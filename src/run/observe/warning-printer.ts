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
      print(printed > MOST_WARNINGS ? 'more warnings are in the log\n' : formatWarning(event))
    },
  }
}

/** One with a code looks as it does when a build warns. */
function formatWarning(event: RunEvent): string {
  const { node, fields: { code, hint } = {} } = event.type === 'log' ? event : {}
  const lead = typeof code === 'string' ? `warning ${code}  ` : 'warning  '
  const where = node === undefined ? '' : `node ${node}: `
  return `${lead}${where}${describeEvent(event).message}\n${typeof hint === 'string' ? `  hint: ${hint}\n` : ''}`
}

function isWarning(event: RunEvent): boolean {
  if (event.type === 'leftover.settled' || event.type === 'subflow.retried') return true
  // What a command writes to its stderr is no warning of pype.
  return event.type === 'log' && event.level === 'warn' && event.fields?.['stream'] === undefined
}
