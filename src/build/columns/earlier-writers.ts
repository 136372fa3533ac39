import path from 'node:path'
import type { Json } from '../../core/json.js'
import { containsTemplate } from '../../core/template.js'
import { typesOf } from '../../registry/config-check.js'
import { definitionOf, type PlanNode } from '../plan/graph.js'
import type { Scopes } from '../plan/scopes.js'
import type { PlanSubFlow, SubFlows } from '../plan/sub-flows.js'
import type { WalkOrder } from '../plan/walk-order.js'

/** The walk of a flow, as far as it tells what may have happened before a node runs. */
export interface KnownWalk {
  readonly subFlows: SubFlows
  readonly order: WalkOrder
  readonly scopes: Scopes
}

/**
 * The node that may write a file before `source` reads it, in the same run: then the file that is there now says nothing of the one that
 * will be read. A path counts as written when it is one that a sink names, and whatever a command, a file operation or a module of the
 * user does may write any file.
 */
export function findEarlierWriter(
  source: PlanNode,
  paths: readonly string[],
  nodes: readonly PlanNode[],
  walk: KnownWalk,
  cwd: string,
): PlanNode | undefined {
  const own = walk.subFlows.of(source)
  const isRepeated = walk.scopes.around(own).length > 0
  return nodes.find((node) => mayWrite(node, paths, cwd) && mayRunBefore(walk.subFlows.of(node), own, isRepeated, walk))
}

/** The node that may change a database before `node` uses it, in the same run: another sink, a query, a command or a module of the user. */
export function findEarlierChanger(node: PlanNode, nodes: readonly PlanNode[], walk: KnownWalk): PlanNode | undefined {
  const own = walk.subFlows.of(node)
  const isRepeated = walk.scopes.around(own).length > 0
  return nodes.find((other) => other !== node && mayChange(other) && mayRunBefore(walk.subFlows.of(other), own, isRepeated, walk))
}

function mayChange(node: PlanNode): boolean {
  const definition = definitionOf(node)
  if (definition === undefined || definition.query !== undefined || definition.type === 'source') return false
  if (node.module?.sourceHash !== null) return true
  const specs = Object.values({ ...definition.config.required, ...definition.config.optional })
  return specs.some((spec) => typesOf(spec).some((type) => type === 'connection' || type === 'command')) || definition.name === 'run_flow'
}

function mayRunBefore(other: PlanSubFlow, own: PlanSubFlow, isRepeated: boolean, { order, scopes }: KnownWalk): boolean {
  // In a loop the frame before wrote what comes later in this one.
  if (isRepeated && scopes.around(other).length > 0) return true
  return other !== own && !order.endsBefore(own, other)
}

function mayWrite(node: PlanNode, paths: readonly string[], cwd: string): boolean {
  const definition = definitionOf(node)
  if (definition === undefined || definition.query !== undefined || definition.type === 'source') return false
  if (node.module?.sourceHash !== null) return true
  const specs = Object.entries({ ...definition.config.required, ...definition.config.optional })
  if (definition.type === 'solo') return specs.some(([, spec]) => typesOf(spec).some((type) => type === 'path' || type === 'command'))
  const targets = specs.flatMap(([name, spec]) => (typesOf(spec).includes('path') ? [node.configs[name] ?? null] : []))
  return targets.some((target) => isAmong(target, paths, cwd))
}

/** Whether a target may be one of the files, or the folder of one. */
function isAmong(target: Json, paths: readonly string[], cwd: string): boolean {
  if (target === null) return false
  if (typeof target !== 'string' || containsTemplate(target)) return true
  const written = path.resolve(cwd, target)
  return paths.some((read) => {
    const fixed = read.replace(/[*?[].*$/s, '')
    // Of a glob, the folder that all its files are in.
    const known = path.resolve(cwd, fixed === read ? read : path.dirname(`${fixed}x`))
    return written === known || known.startsWith(`${written}/`) || (fixed !== read && written.startsWith(`${known}/`))
  })
}
