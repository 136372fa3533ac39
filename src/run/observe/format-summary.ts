import { alignCells } from '../../core/align-cells.js'
import { describeProgress, fillProgress } from '../../core/describe-progress.js'
import type { NodeTotal } from '../../core/events.js'
import { formatBytes, formatCount, formatQuantity, formatSeconds } from '../../core/quantity.js'
import type { LoopTotal, RunSummary } from './summary.js'

/** Nodes that are listed one by one. */
const MOST_NODES = 50

/** The summary for people: a line on the run, a table of its nodes, and what was out of the ordinary. */
export function formatSummary(summary: RunSummary): string {
  const { spilled } = summary
  const lines = [
    `${summary.job} ${summary.status} in ${formatSeconds(summary.seconds, 2)}: ${describeEnds(summary)}`,
    ...(summary.status === 'completed' ? [] : formatLoops(summary.loops)),
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

/** Where there are loops, sub flows are counted in each of their passes, and nobody knows how many there would have been. */
function describeEnds({ sub_flows, flow_sub_flows, loops }: RunSummary): string {
  const { recorded, ...ends } = sub_flows
  const before = recorded > 0 ? `, ${formatCount(recorded)} of them before` : ''
  if (loops.length === 0) return describeProgress(fillProgress(ends, flow_sub_flows), flow_sub_flows, 'sub flow', before)
  const others = (['failed', 'cancelled', 'blocked', 'skipped'] as const)
    .filter((end) => ends[end] > 0)
    .map((end) => `, ${formatCount(ends[end])} ${end}`)
  return `${formatQuantity(ends.completed, 'sub flow')} completed${before}${others.join('')}`
}

function formatLoops(loops: readonly LoopTotal[]): string[] {
  return loops
    .filter(({ items }) => items > 0)
    .map(
      ({ from, items, completed, failed, cancelled }) =>
        `  for each item of ${from}: ${describeProgress(fillProgress({ completed, failed, cancelled }, items), items)}`,
    )
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
