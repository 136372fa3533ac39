import type { TemplateRef } from '../../core/template.js'
import { type Findings, suggestName } from '../findings.js'
import type { ControlEdge } from './control-graph.js'
import { findOpenGate } from './gates.js'
import { definitionOf, type PlanControl, type PlanNode } from './graph.js'
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

/** What the templates of a flow are checked against. `walk` is undefined while circles keep the order from being known. */
export interface TemplateWorld {
  readonly nodes: readonly PlanNode[]
  /** Names of the default context, or null when every name will do. */
  readonly contextNames: readonly string[] | null
  readonly contextFile?: ContextFile | undefined
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
  const byId = new Map(world.nodes.map((node) => [node.flow.id.toLowerCase(), node]))
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
    const node = byId.get(ref.node.toLowerCase())
    if (node === undefined) {
      findings.error(
        'UNKNOWN_GLOBAL',
        use.at,
        `No node is called "${ref.node}", so ${use.part.source} names nothing.`,
        suggestName(
          ref.node,
          world.nodes.map(({ flow }) => flow.id),
          'ids stand under `modules`',
        ),
      )
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
  findings.error(
    'UNKNOWN_CONTEXT',
    use.at,
    `The default context has no value "${name}": ${file} ${exists ? 'lacks it' : 'does not exist yet'}.`,
    suggestName(name, world.contextNames, `${exists ? 'add it there' : 'make the file'}: { "${name}": … }`),
  )
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
