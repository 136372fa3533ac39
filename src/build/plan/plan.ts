import type { Dag, ExecutionMetadata } from '../../core/dag.js'
import type { Flow } from '../../core/flow.js'
import type { ModuleCatalogue } from '../../registry/catalogue.js'
import { findColumns } from '../columns/columns.js'
import type { FlowColumns } from '../columns/flow-columns.js'
import type { ColumnOptions } from '../columns/node-world.js'
import { checkSchemaFile, type LockedSources } from '../columns/schema-file.js'
import type { Findings } from '../findings.js'
import { checkCommands } from './check-commands.js'
import { checkConditions } from './check-conditions.js'
import { checkCursorTargets } from './check-cursor-targets.js'
import { checkCursors } from './check-cursors.js'
import { type ContextFile, checkTemplates } from './check-templates.js'
import { composeDag, composeMetadata } from './compose.js'
import { connectNodes } from './connect.js'
import { type ControlGraph, layControlGraph } from './control-graph.js'
import type { PlanGraph } from './graph.js'
import { checkPackages } from './packages.js'
import { resolveNodes } from './resolve-nodes.js'
import { findScopes, type Scopes } from './scopes.js'
import { checkSinks } from './sinks.js'
import { joinSubFlows, reportControlCircles, type SubFlows, splitIntoSubFlows } from './sub-flows.js'
import { collectTemplates } from './templates.js'
import { checkTypeRules } from './type-rules.js'
import { layWalkOrder, type WalkOrder } from './walk-order.js'

/** A flow without errors, planned. */
export interface Plan {
  readonly dag: Dag
  readonly metadata: ExecutionMetadata
  /** Names of the context that the flow uses, sorted. */
  readonly contextNames: readonly string[]
  /** Undefined where they were not looked for. */
  readonly columns: FlowColumns | undefined
}

/** What a flow is planned against. */
export interface PlanOptions {
  readonly catalogue: ModuleCatalogue
  /** Names of the default context; null when there is none to check against. */
  readonly contextNames: readonly string[] | null
  readonly contextFile?: ContextFile | undefined
  /** Look for the columns of its rows too, and check them. */
  readonly columns?: ColumnOptions | undefined
  /** The columns that the schema file of the flow locks. */
  readonly locked?: LockedSources | undefined
}

interface Walk {
  readonly subFlows: SubFlows
  readonly control: ControlGraph
  readonly scopes: Scopes
  readonly order: WalkOrder
}

/** Checks a flow by all rules and plans it. Undefined, with the reasons among the findings, when it has errors. */
export async function planFlow(flow: Flow, options: PlanOptions, findings: Findings): Promise<Plan | undefined> {
  const nodes = await resolveNodes(flow, options.catalogue, findings)
  const graph = connectNodes(flow, nodes, findings)
  checkConditions(graph, findings)
  // What the lack of a node or of a connection does to sub flows and loops would drown its own finding.
  const subFlows = graph.dataIsWhole && !findings.has('DUPLICATE_ID') ? splitIntoSubFlows(graph, findings) : undefined
  checkTypeRules(graph, subFlows, findings)
  const walk = subFlows && planWalk(graph, subFlows, findings)
  const uses = collectTemplates(graph, findings)
  const usedContext = [...new Set(uses.flatMap(({ part }) => (part.ref.scope === 'context' ? [part.ref.name] : [])))].sort()
  const edges = new Map(walk?.control.edges.map((edge) => [edge.control, edge]))
  const used = checkTemplates(
    uses,
    { graph, usedContext, contextNames: options.contextNames, contextFile: options.contextFile, walk: walk && { ...walk, edges } },
    findings,
  )
  checkCommands(graph, findings)
  checkSinks(nodes, walk, findings)
  checkCursorTargets(nodes, graph.data, findings)
  if (walk !== undefined) checkCursors(nodes, walk.subFlows, walk.scopes, findings)
  checkPackages(nodes, flow.source.file, findings)
  const locked = options.locked ?? new Map()
  if (options.columns?.relock !== true) checkSchemaFile(locked, nodes, findings)
  const columns = options.columns && (await findColumns(graph, walk, { ...options.columns, locked: usedLock(flow, options) }, findings))
  if (findings.hasErrors || walk === undefined) return undefined
  const dag = composeDag(graph, walk.subFlows, used, locked)
  return { dag, metadata: composeMetadata(flow, dag, walk.control, walk.scopes), contextNames: usedContext, columns }
}

/** The locked columns that a run is sure to have: not where it takes what it finds, nor while they are locked anew. */
function usedLock(flow: Flow, { locked, columns }: PlanOptions): LockedSources {
  return locked === undefined || flow.settings.schema === 'evolve' || columns?.relock === true ? new Map() : locked
}

/** Loops and the order of the walk; undefined, and reported, when control connections do not tell them. */
function planWalk(graph: PlanGraph, subFlows: SubFlows, findings: Findings): Walk | undefined {
  const isSure = graph.controlIsWhole && !findings.has('CONNECTION_SYNTAX')
  const joining = joinSubFlows(graph, subFlows, isSure, findings)
  if (reportControlCircles(joining, subFlows, findings) || !isSure) return undefined
  const control = layControlGraph(joining, subFlows)
  const scopes = findScopes(control, findings)
  // What is inside of which loop, and before what, is not known then.
  if (findings.has('ISOLATED_SUB_FLOW', 'ITERATE_SHARED')) return undefined
  return { subFlows, control, scopes, order: layWalkOrder(control, scopes) }
}
