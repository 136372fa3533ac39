import { createHash } from 'node:crypto'
import {
  type ControlConnection,
  type Dag,
  type DagNode,
  type DagPlace,
  type DataConnection,
  type ExecutionMetadata,
  JOB_SCHEMA_VERSION,
  type SubFlow,
} from '../../core/dag.js'
import type { Flow } from '../../core/flow.js'
import { groupBy } from '../../core/group-by.js'
import { isObject } from '../../core/json.js'
import type { LockedColumn } from '../../core/schema-lock.js'
import type { TextSpan } from '../../core/source-text.js'
import { placeOf } from '../../core/source-text.js'
import { ENGINE, PYPE_VERSION } from '../../core/version.js'
import type { LockedSources } from '../columns/schema-file.js'
import { toJson } from '../load/flow-value.js'
import { listGlobals, type UsedGlobals } from './check-templates.js'
import type { ControlGraph } from './control-graph.js'
import { isOpenGate } from './gates.js'
import { type PlanControl, type PlanGraph, type PlanNode } from './graph.js'
import type { Scopes } from './scopes.js'
import { orderStatically } from './static-order.js'
import type { PlanSubFlow, SubFlows } from './sub-flows.js'

/** Writes down the plan of a flow without errors. */
export function composeDag(graph: PlanGraph, subFlows: SubFlows, used: UsedGlobals, locked: LockedSources): Dag {
  const { flow } = graph
  const place = (span: TextSpan): DagPlace => {
    const { line, column } = placeOf(flow.source, span)
    return { line, column }
  }
  return {
    schema_version: JOB_SCHEMA_VERSION,
    pype_version: PYPE_VERSION,
    flow: {
      name: flow.name,
      ...(flow.desc === undefined ? {} : { desc: flow.desc }),
      version: flow.version,
      authors: flow.authors,
      created: flow.created,
    },
    engine: ENGINE,
    nodes: graph.nodes.map((node) => composeNode(node, subFlows, used, locked.get(node.flow.id), place)),
    data: graph.data.map((connection): DataConnection => {
      const { from, fromPort, to, toPort, at } = connection.flow
      return { from, from_port: fromPort, to, to_port: toPort, order: 0, boundary: connection.boundary, place: place(at) }
    }),
    control: graph.control.map((connection): ControlConnection => {
      const { from, to, condition, concurrency, at } = connection.flow
      return {
        from,
        to,
        order: connection.order,
        type: connection.type,
        condition,
        concurrency,
        boundary: connection.boundary,
        place: place(at),
      }
    }),
  }
}

/** Writes down how a flow without errors is executed. */
export function composeMetadata(flow: Flow, dag: Dag, control: ControlGraph, scopes: Scopes): ExecutionMetadata {
  const hashes = hashSubFlows(dag, control.subFlows, flow.settings.time_zone)
  const nameOf = ({ flow: { from, to } }: PlanControl) => ({ from, to })
  const joins = control.subFlows.filter(({ index }) => (control.entering[index]?.length ?? 0) > 1)
  return {
    schema_version: JOB_SCHEMA_VERSION,
    settings: flow.settings,
    sub_flows: Object.fromEntries(
      control.subFlows.map((subFlow) => [subFlow.name, composeSubFlow(subFlow, hashes.get(subFlow.name) ?? '')]),
    ),
    roots: control.roots.map(({ name }) => name),
    joins: Object.fromEntries(joins.map(({ name, index }) => [name, (control.entering[index] ?? []).map((edge) => nameOf(edge.control))])),
    gates: control.subFlows.filter(isOpenGate).map(({ name }) => name),
    scopes: scopes.list.map(({ edge, subFlows }) => ({ connection: nameOf(edge.control), sub_flows: subFlows.map(({ name }) => name) })),
    order: orderStatically(control, scopes).map(({ name }) => name),
  }
}

function composeNode(
  node: PlanNode,
  subFlows: SubFlows,
  used: UsedGlobals,
  locked: readonly LockedColumn[] | undefined,
  place: (span: TextSpan) => DagPlace,
): DagNode {
  const { flow, module } = node
  if (module === undefined) throw new RangeError(`${flow.id} has no module`)
  const { definition, modulePath, sourceHash } = module
  const misc = flow.misc === undefined ? undefined : toJson(flow.misc)
  const names = flow.configs.map(({ key }) => key).sort()
  const values = new Map(flow.configs.map(({ key, value }) => [key, value.at]))
  return {
    id: flow.id,
    module: definition.name,
    type: definition.type,
    version: definition.version,
    module_path: modulePath,
    source_hash: sourceHash,
    packages: definition.packages,
    configs: Object.fromEntries(names.map((name) => [name, node.configs[name] ?? null])),
    ...(isObject(misc) ? { misc } : {}),
    input_ports: definition.inputPorts,
    output_ports: definition.outputPorts,
    globals: listGlobals(node) ?? [],
    used_globals: [...(used.get(node) ?? [])].sort(),
    ...(locked === undefined ? {} : { locked_columns: locked }),
    sub_flow: subFlows.of(node).name,
    place: place(flow.idAt),
    config_places: Object.fromEntries(names.map((name) => [name, place(values.get(name) ?? flow.idAt)])),
  }
}

function composeSubFlow(subFlow: PlanSubFlow, hash: string): SubFlow {
  const ids = (nodes: readonly PlanNode[]) => nodes.map((node) => node.flow.id)
  return { nodes: ids(subFlow.nodes), waves: subFlow.waves.map(ids), hash }
}

/**
 * What a resume compares: nodes with their modules (to the major version: minor ones never change rows), configs and
 * globals in use, the data connections at them, the control connections into them, and the time zone. All else may be
 * edited between a run and its resume.
 */
function hashSubFlows(dag: Dag, subFlows: readonly PlanSubFlow[], timeZone: string): ReadonlyMap<string, string> {
  const nodes = groupBy(dag.nodes, (node) => node.sub_flow)
  const subFlowOf = new Map(dag.nodes.map((node) => [node.id, node.sub_flow]))
  const incoming = groupBy(dag.data, ({ to }) => subFlowOf.get(to))
  const crossing = groupBy(
    dag.data.filter(({ boundary }) => boundary),
    ({ from }) => subFlowOf.get(from),
  )
  const control = groupBy(dag.control, ({ to }) => subFlowOf.get(to))
  return new Map(
    subFlows.map(({ name }) => {
      const parts = {
        nodes: (nodes.get(name) ?? []).map((node) => [
          node.id,
          node.module,
          node.version.split('.')[0],
          node.source_hash,
          node.configs,
          node.used_globals,
          // Only where there are some: a job without a schema file keeps its hashes.
          ...(node.locked_columns === undefined ? [] : [node.locked_columns]),
        ]),
        data: [...(incoming.get(name) ?? []), ...(crossing.get(name) ?? [])].map((c) => [c.from, c.from_port, c.to, c.to_port, c.boundary]),
        control: (control.get(name) ?? []).map((c) => [c.from, c.to, c.order, c.type, c.condition]),
        timeZone,
      }
      return [name, createHash('sha256').update(JSON.stringify(parts)).digest('hex')] as const
    }),
  )
}
