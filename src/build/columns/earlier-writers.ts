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

/** A node that may write files, and which ones. */
export interface Writer {
  readonly node: PlanNode
  /** Absolute: files, and folders in which any file may be written. Undefined: any file at all. */
  readonly targets: readonly string[] | undefined
}

/**
 * The nodes of a flow that may write files. A path counts as written when it is one that a sink names, and whatever a command, a file
 * operation or a module of the user does may write any file.
 */
export function listWriters(nodes: readonly PlanNode[], cwd: string): readonly Writer[] {
  return nodes.flatMap((node) => {
    const targets = targetsOf(node, cwd)
    return targets?.length === 0 ? [] : [{ node, targets }]
  })
}

/** The node that may write a file before `source` reads it, in the same run: then the file that is there now says nothing of the one that will be read. */
export function findEarlierWriter(
  source: PlanNode,
  paths: readonly string[],
  writers: readonly Writer[],
  walk: KnownWalk,
  cwd: string,
): PlanNode | undefined {
  const own = walk.subFlows.of(source)
  const isRepeated = walk.scopes.around(own).length > 0
  const read = paths.map((file) => placeOf(file, cwd))
  return writers.find(({ node, targets }) => isAmong(targets, read) && mayRunBefore(walk.subFlows.of(node), own, isRepeated, walk))?.node
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

function targetsOf(node: PlanNode, cwd: string): Writer['targets'] {
  const definition = definitionOf(node)
  if (definition === undefined || definition.query !== undefined || definition.type === 'source') return []
  if (node.module?.sourceHash !== null) return undefined
  const specs = Object.entries({ ...definition.config.required, ...definition.config.optional })
  if (definition.type === 'solo') {
    return specs.some(([, spec]) => typesOf(spec).some((type) => type === 'path' || type === 'command')) ? undefined : []
  }
  const named = specs.flatMap(([name, spec]) => (typesOf(spec).includes('path') ? [node.configs[name] ?? null] : []))
  const written = named.filter((target) => target !== null)
  const isKnown = (target: Json) => typeof target === 'string' && !containsTemplate(target)
  return written.every(isKnown) ? written.map((target) => path.resolve(cwd, String(target))) : undefined
}

/** Where the files of a path are: the file itself, or of a glob the folder that all its files are in. */
interface ReadPlace {
  readonly path: string
  readonly isGlob: boolean
}

function placeOf(file: string, cwd: string): ReadPlace {
  const fixed = file.replace(/[*?[].*$/s, '')
  const isGlob = fixed !== file
  return { path: path.resolve(cwd, isGlob ? path.dirname(`${fixed}x`) : file), isGlob }
}

/** Whether a target may be one of the files, or the folder of one. */
function isAmong(targets: Writer['targets'], read: readonly ReadPlace[]): boolean {
  if (targets === undefined) return true
  return targets.some((written) =>
    read.some(
      (place) => written === place.path || place.path.startsWith(`${written}/`) || (place.isGlob && written.startsWith(`${place.path}/`)),
    ),
  )
}
