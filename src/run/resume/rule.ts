import { createHash } from 'node:crypto'
import type { ControlConnection } from '../../core/dag.js'

const rules = new WeakMap<ControlConnection, string>()

/** What decides how a connection is settled, in short: a recorded decision counts while it is the same. */
export function ruleOf(connection: ControlConnection): string {
  const known = rules.get(connection)
  if (known !== undefined) return known
  const { type, order, condition } = connection
  const rule =
    condition === null ? `${type} ${order}` : `${type} ${order} ${createHash('sha256').update(condition).digest('hex').slice(0, 16)}`
  rules.set(connection, rule)
  return rule
}
