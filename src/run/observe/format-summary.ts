import type { NodeTotal } from '../../core/events.js'
import { formatBytes, formatCount, formatQuantity } from '../../core/quantity.js'
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
    `${summary.job} ${summary.status} in ${formatSeconds(summary.seconds)}: ${formatQuantity(ends.completed, 'sub flow')} completed${before}${others.join('')}`,
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
  const rows = nodes
    .slice(0, MOST_NODES)
    .map((node) => [
      node.runs > 1 ? `${node.node} (${node.runs} times)` : node.node,
      node.rows === null ? '-' : formatCount(node.rows),
      node.bytes === null ? '-' : formatBytes(node.bytes),
      node.rejected === null ? '-' : formatCount(node.rejected),
      node.seconds.toFixed(2),
    ])
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const format = (row: readonly string[]) =>
    `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`
  const more = nodes.length > MOST_NODES ? [`  … and ${formatQuantity(nodes.length - MOST_NODES, 'more node')}, in summary.json`] : []
  return [format(header), ...rows.map(format), ...more]
}

function formatSeconds(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(2)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}
