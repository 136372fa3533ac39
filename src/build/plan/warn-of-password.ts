import { withholdPassword } from '../../core/database-connection/password.js'
import type { FlowEntry } from '../../core/flow.js'
import type { Json } from '../../core/json.js'
import { TemplateSyntaxError } from '../../core/template.js'
import type { Findings } from '../findings.js'

/** Warns of a password that stands in a flow file as it is: whoever reads the flow or its job could log in. */
export function warnOfPassword({ key, value: written }: FlowEntry, value: Json, findings: Findings): void {
  if (!hasPassword(value)) return
  const own = written.kind === 'map' ? written.entries.find((entry) => entry.key === 'password')?.value : undefined
  findings.warn(
    'PASSWORD_IN_FLOW',
    (own ?? written).at,
    `The config "${key}" has a password written out.`,
    'take it from {{secret.path#field}} or {{env.NAME}}, or put the connection into the context',
  )
}

function hasPassword(value: Json): boolean {
  try {
    return withholdPassword(value).withheld
  } catch (error) {
    // Malformed templates are reported with all others.
    if (error instanceof TemplateSyntaxError) return false
    throw error
  }
}
