import type { Dag } from '../../core/dag.js'
import type { NodeTotal } from '../../core/events.js'

/** Rows that the sinks of a run wrote; null when nothing counted them. */
export function countSinkRows({ nodes }: Dag, summaries: readonly NodeTotal[]): number | null {
  const sinks = new Set(nodes.filter(({ type }) => type === 'sink').map(({ id }) => id))
  const counts = summaries.filter(({ node }) => sinks.has(node)).flatMap(({ rows }) => (rows === null ? [] : [rows]))
  return counts.length === 0 ? null : counts.reduce((sum, rows) => sum + rows, 0)
}
