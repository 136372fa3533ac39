import { alignCells } from '../../core/align-cells.js'
import type { NodeTotal } from '../../core/events.js'
import { formatBytes, formatCount, formatQuantity, formatSeconds } from '../../core/quantity.js'
import type { RunSummary } from './summary.js'

/** Nodes that are listed one by one. */
const MOST_NODES = 50

/** The summary for people: a line on the run, a table of its nodes, and what was out of the ordinary. */
export function formatSummary(summary: RunSummary): string {
  const { sub_flows: ends, spilled } = summary
  const others = (['failed', 'cancelled', 'blocked', 'skipped'] as const)
    .filter((end) => ends[end] > 0)
    .map((end) => `, ${ends[end]} ${end}`)
  const before = ends.recorded > 0 ? `, ${formatCount(ends.recorded)} of them before` : ''
  const lines = [
    `${summary.job} ${summary.status} in ${formatSeconds(summary.seconds, 2)}: ${formatQuantity(ends.completed, 'sub flow')} completed${before}${others.join('')}`,
    ...formatNodes(summary.nodes),
  ]
  if (summary.rejected > 0) lines.push(`rejected: ${formatQuantity(summary.rejected, 'row')}`)
  if (spilled.artifacts > 0)
    lines.push(
      `on disk: ${formatQuantity(spilled.artifacts, 'artifact')}, ${formatQuantity(spilled.rows, 'row')}, ${formatBytes(spilled.bytes)}`,
    )
  lines.push(`peak memory: ${formatBytes(summary.peak_memory)}`, `log and journal: ${summary.folder}`)
  return `${lines.join('\n')}\n`
}

function formatNodes(nodes: readonly NodeTotal[]): string[] {
  if (nodes.length === 0) return []
  const header = ['node', 'rows', 'bytes', 'rejected', 'seconds']
  const rows = nodes.slice(0, MOST_NODES).map((node) => [
    node.runs > 1 ? `${node.node} (${node.runs} times)` : node.node,
    node.rows === null ? '-' : formatCount(node.rows),
    node.bytes === null ? '-' : formatBytes(node.bytes),
    node.rejected === null ? '-' : formatCount(node.rejected),
    // A query takes no time of its own: it runs inside of the statements of others.
    node.seconds === 0 ? '-' : node.seconds.toFixed(2),
  ])
  const more = nodes.length > MOST_NODES ? [`  … and ${formatQuantity(nodes.length - MOST_NODES, 'more node')}, in summary.json`] : []
  return [...alignCells([header, ...rows], [1, 2, 3, 4]).map((line) => `  ${line}`), ...more]
}
