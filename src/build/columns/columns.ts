import type { PypeError } from '../../core/errors.js'
import { groupBy } from '../../core/group-by.js'
import { findSqlFault } from '../../core/sql-fault.js'
import type { Relation } from '../../sdk/relation.js'
import type { Findings } from '../findings.js'
import { definitionOf, type PlanData, type PlanGraph, type PlanNode } from '../plan/graph.js'
import type { DatabaseConnector } from './database-connector.js'
import { describeNode } from './describe-node.js'
import { type KnownWalk, listWriters } from './earlier-writers.js'
import type { FlowColumns, PortColumns } from './flow-columns.js'
import { hintForFault } from './hint-for-fault.js'
import { LazyEngine } from './lazy-engine.js'
import { type ColumnOptions, type DescribedNode, type NodeWorld, statement } from './node-world.js'
import { placeInConfigs } from './place-in-configs.js'
import type { LockedSources } from './schema-file.js'
import { readCondition } from './static-config.js'

/**
 * Finds the columns of each output port before a run, and reports what the run would refuse about them: a column that does not exist,
 * types that do not go together, SQL that cannot be read. Nodes are described one wave of the data connections after the other, each
 * over stand-ins of its inputs without rows. What is not sure stays unknown, and is no error. `walk` is undefined while errors keep
 * the order from being known.
 */
export async function findColumns(
  graph: PlanGraph,
  walk: KnownWalk | undefined,
  options: ColumnOptions & { readonly locked: LockedSources },
  findings: Findings,
): Promise<FlowColumns> {
  const engine = new LazyEngine(options.cwd, graph.flow.settings.time_zone, options.relock === true)
  const { name, settings } = graph.flow
  const connector = await options.connect?.({ name, timeZone: settings.time_zone })
  const known = new Map<PlanNode, ReadonlyMap<string, PortColumns>>()
  const writers = listWriters(graph.nodes, options.cwd)
  const looks: NodeWorld['looks'] = new Map()
  const queries: { readonly node: PlanNode; readonly relations: readonly Relation[] }[] = []
  const entering = groupBy(graph.data, ({ to }) => to)
  const leaving = groupBy(graph.data, ({ from }) => from)
  try {
    for (let wave = graph.nodes; wave.length > 0; ) {
      const ready = wave.filter((node) => (entering.get(node) ?? []).every(({ from }) => known.has(from)))
      const described = await Promise.all(
        ready.map(async (node) => {
          const inputs = inputsOf(entering.get(node) ?? [], known)
          return describeNode(node, {
            inputs,
            outputs: choosePorts(node, leaving.get(node) ?? [], options),
            graph,
            walk,
            writers,
            engine,
            options,
            locked: options.locked,
            connector,
            looks,
          })
        }),
      )
      for (const [i, node] of ready.entries()) {
        const { ports, errors, relations = [] } = described[i] ?? NOTHING
        queries.push({ node, relations })
        known.set(node, ports)
        for (const error of errors) report(error, node, inputsOf(entering.get(node) ?? [], known), graph, findings, connector)
      }
      // Of a circle no node ever gets ready.
      if (ready.length === 0) break
      const done = new Set(ready)
      wave = wave.filter((node) => !done.has(node))
    }
    await checkConditionSyntax(graph, engine, findings)
    const unlike = await findUnlikeTypes(queries, engine)
    for (const [node, errors] of unlike) {
      for (const error of errors) report(error, node, inputsOf(entering.get(node) ?? [], known), graph, findings, connector)
    }
  } finally {
    await engine.close()
    await connector?.close()
  }
  return new Map(graph.nodes.map((node) => [node, known.get(node) ?? new Map()]))
}

/** Conditions on connections that the engine cannot read. What else is wrong with one is told where the graph is checked. */
async function checkConditionSyntax(graph: PlanGraph, engine: LazyEngine, findings: Findings): Promise<void> {
  for (const { flow } of graph.control) {
    if (flow.condition === null || findSqlFault(flow.condition, true) !== undefined) continue
    const expression = readCondition(flow.condition)
    const fault = expression && (await (await engine.open()).findSyntaxFault(expression))
    if (fault === undefined) continue
    const message = `The condition ${flow.condition.trim()} is no SQL expression: ${fault.message}`
    findings.error('CONNECTION_SYNTAX', flow.spans.body, message, 'for example `{{load__row_count}} > 0`')
  }
}

/** Comparisons of unlike types, by node. Last, in one go: that costs a tenth of asking node by node. */
async function findUnlikeTypes(
  queries: readonly { readonly node: PlanNode; readonly relations: readonly Relation[] }[],
  engine: LazyEngine,
): Promise<ReadonlyMap<PlanNode, readonly PypeError[]>> {
  const relations = queries.flatMap(({ node, relations }) => relations.map((relation) => ({ node, relation })))
  if (relations.length === 0) return new Map()
  const found = await (await engine.open()).findUnlikeTypes(
    relations.map(({ relation }) => relation),
    statement(),
  )
  const errors = new Map<PlanNode, PypeError[]>()
  for (const [i, { node }] of relations.entries()) {
    const own = errors.get(node) ?? []
    // The ports of a node may stand on the same query.
    for (const error of found[i] ?? []) if (!own.some(({ message }) => message === error.message)) own.push(error)
    errors.set(node, own)
  }
  return errors
}

const NOTHING: DescribedNode = { ports: new Map(), errors: [] }

/** The output ports to describe: those that are connected, or the first one, for a node is checked also when nobody reads it. */
function choosePorts(node: PlanNode, leaving: readonly PlanData[], { allPorts = false }: ColumnOptions): ReadonlySet<string> {
  const ports = definitionOf(node)?.outputPorts ?? []
  if (allPorts) return new Set(ports)
  return new Set(leaving.length > 0 ? leaving.map(({ flow }) => flow.fromPort) : ports.slice(0, 1))
}

/** What is known of the input ports, by name. */
function inputsOf(
  connections: readonly PlanData[],
  known: ReadonlyMap<PlanNode, ReadonlyMap<string, PortColumns>>,
): ReadonlyMap<string, PortColumns> {
  return new Map(
    connections.map(({ flow, from }) => [
      flow.toPort,
      known.get(from)?.get(flow.fromPort) ?? { kind: 'unknown', reason: `"${flow.from}" has no columns at "${flow.fromPort}"` },
    ]),
  )
}

function report(
  error: PypeError,
  node: PlanNode,
  inputs: ReadonlyMap<string, PortColumns>,
  graph: PlanGraph,
  findings: Findings,
  connector: DatabaseConnector | undefined,
): void {
  const files = new Set([...inputs.values()].flatMap((input) => (input.kind === 'known' ? input.files : [])))
  const found = [...files].slice(0, 3).join(', ')
  const origin = found === '' ? '' : ` (the columns are those of ${found})`
  const hint = hintForFault(error, inputs)
  const message = `"${node.flow.id}": ${error.message}`
  findings.error(
    error.code,
    placeInConfigs(error, node, graph.flow.source),
    connector?.mask(message) ?? message,
    hint && `${hint}${origin}`,
  )
}
