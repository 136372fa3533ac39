import type { Findings } from '../../build/findings.js'
import { refuseInexact } from '../../build/load/refuse-inexact.js'
import type { FlowEntry, FlowValue } from '../../core/flow.js'
import { readRows } from './read-rows.js'
import { childOf, entriesOf, namedOf, textOf } from './read-value.js'
import type { FileContent, StandInSpec } from './test-file.js'

/** Reads what stands in for a node. */
export function readStandIn({ key, keyAt, value }: FlowEntry, findings: Findings): StandInSpec {
  const ports = entriesOf(childOf(value, 'ports'))
  const hasRows = value.kind === 'list' || childOf(value, 'rows') !== undefined || childOf(value, 'file') !== undefined
  if (hasRows && ports.length > 0)
    findings.error(
      'TEST_INVALID',
      keyAt,
      `${key} has rows, and \`ports\` beside them.`,
      'put the rows under the name of their port, into `ports`',
    )
  if (!hasRows && childOf(value, 'columns') !== undefined)
    findings.error('TEST_INVALID', keyAt, `${key} has columns and no rows.`, 'add `rows: []` for none')
  const error = childOf(value, 'error')
  const message = textOf(error) ?? textOf(childOf(error, 'message'))
  for (const said of [childOf(value, 'globals'), childOf(value, 'items')]) if (said !== undefined) refuseInexact(said, findings)
  return {
    ports: [
      ...(hasRows ? [{ key: '', keyAt, value: readRows(key, keyAt, value, findings) }] : []),
      ...ports.map((entry) => ({ ...entry, value: readRows(`${key}.${entry.key}`, entry.keyAt, entry.value, findings) })),
    ],
    globals: entriesOf(childOf(value, 'globals')),
    items: childOf(value, 'items'),
    error: message === undefined ? undefined : { code: namedOf(childOf(error, 'code')), message },
  }
}

/** The path of a file, or a map with a text. The schema allows nothing else. */
export function readFileContent(value: FlowValue): FileContent {
  const path = namedOf(value)
  if (path !== undefined) return { kind: 'file', path }
  const text = childOf(value, 'text')
  return { kind: 'text', text: textOf(text) ?? '', at: text?.at ?? value.at }
}
