import type { DagNode } from '../../../core/dag.js'
import type { Connection } from '../../../sdk/database.js'

/**
 * What a node reads or writes, in words that stay the same from run to run: configs as they are written, since a template may stand for
 * another value each day, and databases without who logs in to them.
 */
export function describeConfigs(node: DagNode, names: readonly string[], connections: readonly Connection[]): string {
  const written = names.flatMap((name) => {
    const value = node.configs[name]
    if (value === undefined || value === null) return []
    // The same statement may be indented in another way.
    return [`${name} ${typeof value === 'string' ? value.trim().replace(/\s+/g, ' ') : JSON.stringify(value)}`]
  })
  const databases = connections.map(({ label }) => `in ${label.replace(/\/\/[^@/]*@/, '//')}`)
  return [written.join(', '), ...databases].join(' ')
}
