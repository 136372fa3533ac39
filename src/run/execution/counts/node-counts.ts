import type { DagNode } from '../../../core/dag.js'
import { PypeError } from '../../../core/errors.js'
import { fieldOf } from '../../../core/json.js'
import { formatQuantity } from '../../../core/quantity.js'
import type { TypedValue } from '../../../engine/engine.js'
import type { Row } from '../../../sdk/artifact.js'
import type { ModuleDefinition } from '../../../sdk/define-module.js'
import type { Relation } from '../../../sdk/relation.js'
import { sql } from '../../../sdk/sql.js'
import type { Consumer } from '../../artifacts/sharing.js'

/** A cheap query over the ports of a node: the value of a global, or a number for `max_rejects`. */
export interface CountConsumer extends Consumer {
  readonly node: string
  /** The global that gets the value. */
  readonly global?: string
  readonly maxRejects?: unknown
  /** The bad rows that are counted against {@link maxRejects}. */
  readonly rejects?: Relation
}

/** Bad rows that an error about their number shows. */
export const SHOWN_REJECTS = 3

/** What was counted. */
export interface Counted {
  /** The value of each query, by its name. */
  readonly values: ReadonlyMap<string, TypedValue>
  /** The first bad rows of nodes with `max_rejects`. */
  readonly rejects: ReadonlyMap<string, readonly Row[]>
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
      ...(global === 'rejected' && rejects ? limitOf(config['max_rejects'], outputs['reject']) : {}),
    })
  }
  const first = definition.outputPorts[0]
  const passed = first === undefined ? undefined : outputs[first]
  if (rejects && typeof config['max_rejects'] === 'string' && passed !== undefined) {
    counts.push({ name: passedName(node.id), node: node.id, relation: sql`SELECT count(*) AS passed FROM ${passed}` })
  }
  return counts
}

function limitOf(maxRejects: unknown, rejects: Relation | undefined): Partial<CountConsumer> {
  if (maxRejects === undefined || maxRejects === null || rejects === undefined) return {}
  return { maxRejects, rejects }
}

/** Throws for a node that rejected more rows than it may. */
export function checkRejects(node: DagNode, counts: readonly CountConsumer[], { values, rejects }: Counted): void {
  const count = counts.find((one) => one.node === node.id && one.global === 'rejected')
  const limit = count?.maxRejects
  if (count === undefined || limit === undefined) return
  const rejected = Number(values.get(count.name)?.text ?? 0)
  const passed = Number(values.get(passedName(node.id))?.text ?? 0)
  const allowed = typeof limit === 'string' ? (Number.parseFloat(limit) / 100) * (rejected + passed) : Number(limit)
  if (rejected <= allowed) return
  throw new PypeError(
    'TOO_MANY_REJECTS',
    `${formatQuantity(rejected, 'row')} ${rejected === 1 ? 'was' : 'were'} rejected; max_rejects allows ${String(limit)}.${describeRejects(rejects.get(node.id) ?? [])}`,
    {
      hint: 'mend the rows, or raise max_rejects; to keep all bad rows, see "Rows that do not fit" in docs/flow-language.md',
    },
  )
}

/** The bad rows themselves are rolled back with the sub flow, so that the error has to show some. */
function describeRejects(rows: readonly Row[]): string {
  const lines = rows.flatMap((row) => {
    const message = fieldOf(row, '_error_message')
    const line = fieldOf(row, '_line')
    if (typeof message !== 'string') return []
    return [
      `\n  - ${[fieldOf(row, '_file'), line === null || line === undefined ? undefined : `line ${line}`, message].filter((part) => part !== undefined).join(', ')}`,
    ]
  })
  return lines.length === 0 ? '' : ` The first of them:${lines.join('')}`
}

function passedName(node: string): string {
  return `${node} passed`
}
