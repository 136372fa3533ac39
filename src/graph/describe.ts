import type { ControlConnection } from '../core/dag.js'
import { describeProgress } from '../core/describe-progress.js'
import { formatCount, formatQuantity, formatSeconds } from '../core/quantity.js'
import type { NodeProgress, RunProgress, SubFlowProgress } from '../core/run-progress.js'
import { printControl } from '../core/valve.js'
import type { Drawing, DrawnConnection, DrawnLoop } from './drawing.js'

/** The order and the body of a valve as a flow file has them: `(2|error)`, and where only the long form says it, in its words. */
export function describeValve(connection: ControlConnection): string {
  const short = printControl(connection)
  if (typeof short === 'string') return short.slice(connection.from.length + 1, short.length - connection.to.length - 1)
  const parts = [connection.type === 'normal' ? '' : connection.type]
  if (connection.concurrency !== null && connection.concurrency > 1) parts.push(`${connection.concurrency} at once`)
  if (connection.condition !== null) parts.push(`if ${connection.condition}`)
  return `(${connection.order}|${parts.filter((part) => part !== '').join(', ')})`
}

/** The ports of the rows of a connection where they are not those that everybody expects: `reject`, or `output to left`; of a run also what was counted there, `reject (3 rows)` or just `3 rows`. */
export function describePorts({ data, rows }: DrawnConnection): string {
  if (data === undefined) return ''
  const { from_port, to_port } = data
  const counted = rows === undefined ? '' : formatQuantity(rows, 'row')
  const from = from_port === 'data' || from_port === 'output' ? counted : `${from_port}${counted === '' ? '' : ` (${counted})`}`
  const to = /^input\d*$/.test(to_port) ? '' : `to ${to_port}`
  return [from, to].filter((part) => part !== '').join(' ')
}

/** `for each item of files, 4 at once: 10 items`. */
export function describeLoop({ connection, items }: DrawnLoop): string {
  const { from, concurrency } = connection
  const atOnce = concurrency !== null && concurrency > 1 ? `, ${concurrency} at once` : ''
  return `for each item of ${from}${atOnce}${items === undefined ? '' : `: ${formatQuantity(items, 'item')}`}`
}

/** `1,234 rows, 0.12 s`: what was counted of a node, or the empty text. */
export function describeCounts({ rows, rejected, seconds, runs }: NodeProgress): string {
  return [
    ...(runs > 1 ? [`${formatCount(runs)} times`] : []),
    ...(rows === null ? [] : [formatQuantity(rows, 'row')]),
    ...(rejected === null || rejected === 0 ? [] : [`${formatCount(rejected)} rejected`]),
    // A query takes no time of its own: it runs inside of the statements of others.
    ...(seconds === null || seconds === 0 ? [] : [formatSeconds(seconds, seconds < 10 ? 2 : 1)]),
  ].join(', ')
}

/** `8 of 12 completed, 2 failed`: the passes of a sub flow inside of a loop, else its status. */
export function describeSubFlow({ status, passes = {}, items = 0 }: SubFlowProgress): string {
  return Object.values(passes).some((count) => count > 0) ? describeProgress(passes, items) : status
}

/** `nightly 1.0.0, 22 nodes`, and the run that is drawn. */
export function describeFlow({ flow, nodes, subFlows }: Drawing): string {
  return `${flow.name} ${flow.version}: ${formatQuantity(nodes.length, 'node')} in ${formatQuantity(subFlows.length, 'sub flow')}`
}

/** `run 20260101T000000000-a1b2c3: failed`. */
export function describeRun({ run, status }: RunProgress): string {
  return `run ${run}: ${status}`
}

/** A text of at most `most` characters, with `…` for what is left out. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 1))}…`
}
