import { nearest } from '../../core/errors.js'
import type { TemplateRef } from '../../core/template.js'
import { type Findings, suggestName } from '../findings.js'
import type { ControlEdge } from './control-graph.js'
import { findOpenGate } from './gates.js'
import { definitionOf, type PlanControl, type PlanGraph, type PlanNode } from './graph.js'
import type { Scopes } from './scopes.js'
import type { PlanSubFlow, SubFlows } from './sub-flows.js'
import type { TemplateUse } from './templates.js'
import type { WalkOrder } from './walk-order.js'

/** Globals that every node of a failed sub flow has. */
const ERROR_GLOBALS = ['error_code', 'error_message', 'error_node']

/** The file of the default context. */
export interface ContextFile {
  readonly name: string
  readonly exists: boolean
}

/** What the templates of a flow are checked against. `walk` is undefined while errors keep the order from being known. */
export interface TemplateWorld {
  readonly graph: PlanGraph
  /** Names of the default context, or null when every name will do. */
  readonly contextNames: readonly string[] | null
  readonly contextFile?: ContextFile | undefined
  /** Names of the context that the flow uses, sorted. */
  readonly usedContext: readonly string[]
  readonly walk:
    | {
        readonly subFlows: SubFlows
        readonly order: WalkOrder
        readonly scopes: Scopes
        readonly edges: ReadonlyMap<PlanControl, ControlEdge>
      }
    | undefined
}

/** The globals that a flow refers to, by node, in the case of their definition. */
export type UsedGlobals = ReadonlyMap<PlanNode, ReadonlySet<string>>

/** Checks every name in every template, and tells which globals are used. */
export function checkTemplates(uses: readonly TemplateUse[], world: TemplateWorld, findings: Findings): UsedGlobals {
  const byId = new Map(world.graph.nodes.map((node) => [node.flow.id, node]))
  // The first of ids that differ by case, which was reported.
  const byAnyCase = new Map(world.graph.nodes.toReversed().map((node) => [node.flow.id.toLowerCase(), node]))
  const globalsOf = new Map<PlanNode, readonly string[] | null>()
  const used = new Map<PlanNode, Set<string>>()
  const told = new Set<string>()
  for (const use of uses) {
    const { ref } = use.part
    if (ref.scope === 'secret' && !use.keepsSecrets) {
      findings.error(
        'SECRET_NOT_ALLOWED',
        use.at,
        `A secret cannot be kept secret in ${use.where}.`,
        'secrets go into connections and other configs that are marked secret',
      )
    }
    if (ref.scope === 'context' && !told.has(ref.name)) checkContext(use, ref.name, world, findings, told)
    if (ref.scope === 'iter') checkIter(use, ref.level, world, findings)
    if (ref.scope !== 'global') continue
    const node = byId.get(ref.node) ?? byAnyCase.get(ref.node.toLowerCase())
    if (node === undefined) {
      reportNobody(use, ref.node, world.graph, findings)
      continue
    }
    const known = globalsOf.has(node) ? globalsOf.get(node) : listGlobals(node)
    globalsOf.set(node, known ?? null)
    const name = checkGlobal(use, ref, node, known ?? null, findings)
    if (name === undefined) continue
    if (!ERROR_GLOBALS.includes(name)) used.set(node, (used.get(node) ?? new Set()).add(name))
    checkEnded(use, node, world, findings)
  }
  return used
}

/** A node that is not there; but a name that stands in connections too was reported with them, and one that is like no other may be that of a module without an id. */
function reportNobody(use: TemplateUse, name: string, { flow, nodes, unknown }: PlanGraph, findings: Findings): void {
  const ids = nodes.map((node) => node.flow.id)
  if (unknown.has(name) || (!flow.modulesAreWhole && nearest(name, ids) === undefined)) return
  const hint = suggestName(name, ids, 'ids stand under `modules`')
  findings.error('UNKNOWN_GLOBAL', use.at, `No node is called "${name}", so ${use.part.source} names nothing.`, hint)
}

/** The globals of a node; null when it takes any name. */
export function listGlobals(node: PlanNode): readonly string[] | null {
  const definition = definitionOf(node)
  if (definition === undefined) return null
  const dynamic = definition.dynamicGlobals?.(node.configs) ?? []
  return dynamic.includes('*') ? null : [...new Set([...Object.keys(definition.globals), ...dynamic])]
}

/** A value that is not there is told at its first use, and noted in `told`. */
function checkContext(use: TemplateUse, name: string, world: TemplateWorld, findings: Findings, told: Set<string>): void {
  if (world.contextNames === null || world.contextNames.includes(name)) return
  told.add(name)
  const { name: file, exists } = world.contextFile ?? { name: 'its file', exists: true }
  if (exists) {
    const message = `The default context has no value "${name}": ${file} lacks it.`
    findings.error('UNKNOWN_CONTEXT', use.at, message, suggestName(name, world.contextNames, `add it there: { "${name}": … }`))
    return
  }
  // One file is missing, however many values of it the flow uses.
  const values = world.usedContext.map((used) => `"${used}": …`).join(', ')
  findings.error('UNKNOWN_CONTEXT', use.at, `The default context of the flow does not exist yet: ${file}.`, `make the file: { ${values} }`)
}

function checkIter(use: TemplateUse, level: number, world: TemplateWorld, findings: Findings): void {
  if (world.walk === undefined) return
  const node = use.owner.kind === 'config' ? use.owner.node : use.owner.control.from
  const depth = world.walk.scopes.around(world.walk.subFlows.of(node)).length
  if (level < depth) return
  const found =
    depth === 0
      ? `"${node.flow.id}" is not inside a loop`
      : `there ${depth === 1 ? 'is only 1 loop' : `are only ${depth} loops`} around "${node.flow.id}"`
  findings.error(
    'ITER_OUTSIDE_LOOP',
    use.at,
    `${use.part.source} names the item of a loop, and ${found}.`,
    depth === 0 ? 'lead to its sub flow by an iterate connection' : 'leave out an `outer`',
  )
}

/** The name of a global in the case of its definition; undefined, and reported, when the node has none of this name. */
function checkGlobal(
  use: TemplateUse,
  ref: Extract<TemplateRef, { scope: 'global' }>,
  node: PlanNode,
  known: readonly string[] | null,
  findings: Findings,
): string | undefined {
  const wanted = ref.name.toLowerCase()
  if (known === null || ERROR_GLOBALS.includes(wanted)) return ERROR_GLOBALS.includes(wanted) ? wanted : ref.name
  const name = known.find((candidate) => candidate.toLowerCase() === wanted)
  if (name === undefined) {
    const otherwise = known.length === 0 ? `"${node.flow.id}" publishes no globals` : `it publishes ${known.join(', ')}`
    findings.error(
      'UNKNOWN_GLOBAL',
      use.at,
      `"${node.flow.id}" (${node.flow.name ?? 'no module'}) has no global "${ref.name}".`,
      suggestName(ref.name, known, otherwise),
    )
  }
  return name
}

function checkEnded(use: TemplateUse, node: PlanNode, { walk }: TemplateWorld, findings: Findings): void {
  if (walk === undefined) return
  const earlier = walk.subFlows.of(node)
  if (use.owner.kind === 'condition') {
    const edge = walk.edges.get(use.owner.control)
    if (edge !== undefined && edge.from !== earlier && !walk.order.endsBeforeEdge(earlier, edge))
      reportEarly(
        use,
        node,
        { earlier, later: edge.from, when: `the connection from "${edge.control.flow.from}" is looked at` },
        walk.edges.values(),
        findings,
      )
    return
  }
  const own = walk.subFlows.of(use.owner.node)
  if (own === earlier) {
    findings.error(
      'GLOBAL_TOO_EARLY',
      use.at,
      `${use.part.source} is published when the sub flow "${own.name}" has completed, and "${use.owner.node.flow.id}" is part of it.`,
      `put a boundary in between (a control connection beside the data connection), or move "${use.owner.node.flow.id}" to a later sub flow`,
    )
  } else if (!walk.order.endsBefore(earlier, own)) {
    reportEarly(use, node, { earlier, later: own, when: `"${use.owner.node.flow.id}" starts` }, walk.edges.values(), findings)
  }
}

interface Early {
  /** What is published too late. */
  readonly earlier: PlanSubFlow
  /** What the template is used in, or on the way out of. */
  readonly later: PlanSubFlow
  /** The moment of the use, in words. */
  readonly when: string
}

function reportEarly(
  use: TemplateUse,
  node: PlanNode,
  { earlier, later, when }: Early,
  edges: Iterable<ControlEdge>,
  findings: Findings,
): void {
  const gate = findOpenGate(earlier, later, edges)
  findings.error(
    'GLOBAL_TOO_EARLY',
    use.at,
    `${use.part.source} names a global of "${node.flow.id}", and nothing makes sure that its sub flow "${earlier.name}" has ended when ${when}.`,
    gate === undefined
      ? 'add a control connection from there, or give the way to it a lower order'
      : `"${gate.name}" goes on with the first connection that is taken: let it wait for all, or add a control connection from "${earlier.name}" behind it`,
  )
}
