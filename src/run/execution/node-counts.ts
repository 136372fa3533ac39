import type { DagNode } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { formatQuantity } from '../../core/quantity.js'
import type { TypedValue } from '../../engine/engine.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { Relation } from '../../sdk/relation.js'
import { sql } from '../../sdk/sql.js'
import type { Consumer } from '../artifacts/sharing.js'

/** A cheap query over the ports of a node: the value of a global, or a number for `max_rejects`. */
export interface CountConsumer extends Consumer {
  readonly node: string
  /** The global that gets the value. */
  readonly global?: string
  readonly maxRejects?: unknown
}

interface NodePorts {
  readonly inputs: { readonly [port: string]: Relation }
  readonly outputs: { readonly [port: string]: Relation }
  readonly connected: ReadonlySet<string>
}

/** The queries of a node that have to be run: for the globals that the flow refers to, and for the rejected rows wherever these leave by a port. */
export function countConsumers(
  node: DagNode,
  definition: ModuleDefinition,
  config: Record<string, unknown>,
  { inputs, outputs, connected }: NodePorts,
): CountConsumer[] {
  const rejects = connected.has('reject')
  const counts: CountConsumer[] = []
  for (const [global, { query }] of Object.entries(definition.globals)) {
    const wanted = node.used_globals.includes(global) || (global === 'rejected' && rejects)
    // Without its reject port a node has no bad rows: the first one fails it.
    const relation = global === 'rejected' && !rejects ? sql`SELECT 0 AS rejected` : query?.({ inputs, outputs })
    if (query === undefined || !wanted || relation === undefined) continue
    counts.push({
      name: `${node.id}__${global}`,
      node: node.id,
      global,
      relation,
      ...(global === 'rejected' && rejects ? { maxRejects: config['max_rejects'] } : {}),
    })
  }
  const first = definition.outputPorts[0]
  const passed = first === undefined ? undefined : outputs[first]
  if (rejects && typeof config['max_rejects'] === 'string' && passed !== undefined) {
    counts.push({ name: passedName(node.id), node: node.id, relation: sql`SELECT count(*) AS passed FROM ${passed}` })
  }
  return counts
}

/** Throws for a node that rejected more rows than it may. */
export function checkRejects(node: DagNode, counts: readonly CountConsumer[], values: ReadonlyMap<string, TypedValue>): void {
  const count = counts.find((one) => one.node === node.id && one.global === 'rejected')
  const limit = count?.maxRejects
  if (count === undefined || limit === undefined || limit === null) return
  const rejected = Number(values.get(count.name)?.text ?? 0)
  const passed = Number(values.get(passedName(node.id))?.text ?? 0)
  const allowed = typeof limit === 'string' ? (Number.parseFloat(limit) / 100) * (rejected + passed) : Number(limit)
  if (rejected <= allowed) return
  throw new PypeError(
    'TOO_MANY_REJECTS',
    `${formatQuantity(rejected, 'row')} ${rejected === 1 ? 'was' : 'were'} rejected; max_rejects allows ${String(limit)}.`,
    {
      hint: 'look at the rows that left by reject, mend them, or raise max_rejects',
    },
  )
}

function passedName(node: string): string {
  return `${node} passed`
}
