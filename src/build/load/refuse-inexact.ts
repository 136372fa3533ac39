import type { FlowValue } from '../../core/flow.js'
import type { Findings } from '../findings.js'

/** Reports each number in a value that cannot be kept as it is written. */
export function refuseInexact(value: FlowValue, findings: Findings, hint = 'put it in quotes'): void {
  if (value.kind === 'list') for (const item of value.items) refuseInexact(item, findings, hint)
  else if (value.kind === 'map') for (const entry of value.entries) refuseInexact(entry.value, findings, hint)
  else if (value.inexact === true) findings.error('NUMBER_INEXACT', value.at, `The number ${value.plain} cannot be kept exactly.`, hint)
}
