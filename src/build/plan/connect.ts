import { nameConnection } from '../../core/dag.js'
import type { Flow, FlowControl, FlowData } from '../../core/flow.js'
import { groupBy } from '../../core/group-by.js'
import { MAX_ORDER } from '../../core/valve.js'
import { readPort, takesPort } from '../../registry/ports.js'
import { type Findings, suggestName } from '../findings.js'
import { definitionOf, type PlanControl, type PlanData, type PlanGraph, type PlanNode } from './graph.js'
import { NodeNames } from './node-names.js'

/** Ties the connections to the nodes that they name, tells the boundaries, and makes every order a number. */
export function connectNodes(flow: Flow, nodes: readonly PlanNode[], findings: Findings): PlanGraph {
  const names = new NodeNames(flow, nodes)
  const controlled = new Set(flow.control.map(nameConnection))
  const data: PlanData[] = []
  // Where a broken data connection begins or ends: it may be the one that seems to be missing there.
  const gaps = new Set<string>()
  for (const connection of flow.data) {
    const from = names.find(connection.from, connection.spans.from)
    const to = names.find(connection.to, connection.spans.to)
    const fits = from !== undefined && to !== undefined && checkDataEnds(connection, from, to, findings)
    if (from !== undefined && to !== undefined && fits !== 'never')
      data.push({ flow: connection, from, to, boundary: controlled.has(nameConnection(connection)) })
    if (fits !== true) for (const id of [connection.from, connection.to]) gaps.add(names.nearest(id) ?? id)
  }
  const control = connectControl(flow.control, data, names, findings)
  names.report(findings)
  for (const id of checkInputs(flow, nodes, data, control, gaps, findings)) gaps.add(id)
  const ends = new Set(control.map((connection) => nameConnection(connection.flow)))
  const dataIsWhole = flow.modulesAreWhole && flow.dataIsWhole && data.length === flow.data.length && gaps.size === 0
  const controlIsWhole = flow.controlIsWhole && flow.control.every((connection) => ends.has(nameConnection(connection)))
  return { flow, nodes, data, control, gaps, unknown: names.unknown, dataIsWhole, controlIsWhole }
}

/** True for a connection that fits; `never` for one that cannot exist by the types of its modules, which is left out of the graph. */
function checkDataEnds(connection: FlowData, from: PlanNode, to: PlanNode, findings: Findings): boolean | 'never' {
  const giver = definitionOf(from)
  const taker = definitionOf(to)
  if (giver !== undefined && (giver.type === 'sink' || giver.type === 'solo')) {
    findings.error(
      'TYPE_RULE',
      connection.spans.from,
      `"${connection.from}" is a ${giver.type} and gives no rows.`,
      'a data connection leaves a source or a mod; in which order nodes run is said under `control`',
    )
    return 'never'
  }
  if (taker !== undefined && (taker.type === 'source' || taker.type === 'solo')) {
    findings.error(
      'TYPE_RULE',
      connection.spans.to,
      `"${connection.to}" is a ${taker.type} and takes no rows.`,
      'a data connection ends at a mod or a sink; in which order nodes run is said under `control`',
    )
    return 'never'
  }
  let fits = true
  if (giver !== undefined && !giver.outputPorts.includes(connection.fromPort)) {
    fits = false
    findings.error(
      'UNKNOWN_PORT',
      connection.spans.fromPort,
      `"${connection.from}" (${giver.name}) has no output port "${connection.fromPort}".`,
      suggestName(connection.fromPort, giver.outputPorts, `\`pype list-modules ${giver.name}\` shows its ports`),
    )
  }
  if (taker !== undefined && !taker.inputPorts.some((port) => takesPort(readPort(port), connection.toPort))) {
    fits = false
    const known = taker.inputPorts.map((port) => readPort(port).name)
    findings.error(
      'UNKNOWN_PORT',
      connection.spans.toPort,
      `"${connection.to}" (${taker.name}) has no input port "${connection.toPort}".`,
      suggestName(connection.toPort, known, `\`pype list-modules ${taker.name}\` shows its ports`),
    )
  }
  return fits
}

/** Checks that each input port has the connections that it needs. Returns the ids of the nodes where one is missing. */
function checkInputs(
  flow: Flow,
  nodes: readonly PlanNode[],
  data: readonly PlanData[],
  control: readonly PlanControl[],
  gaps: ReadonlySet<string>,
  findings: Findings,
): readonly string[] {
  const lacking: string[] = []
  const into = groupBy(data, (connection) => connection.to)
  for (const node of nodes) {
    const connections = into.get(node) ?? []
    const taken = new Map<string, PlanData>()
    for (const connection of connections) {
      const port = connection.flow.toPort
      const earlier = taken.get(port)
      if (earlier === undefined) taken.set(port, connection)
      else
        findings.error(
          'PORT_TAKEN',
          connection.flow.spans.toPort,
          `The port "${node.flow.id}.${port}" takes one data connection and already has the one from "${earlier.flow.from}.${earlier.flow.fromPort}".`,
          takenHint(node, port),
        )
    }
    for (const text of definitionOf(node)?.inputPorts ?? []) {
      const port = readPort(text)
      if (port.kind === 'open' || [...taken.keys()].some((name) => takesPort(port, name))) continue
      // The connection that it lacks may be one that is broken, or cannot be read.
      if (!flow.dataIsWhole || gaps.has(node.flow.id)) continue
      lacking.push(node.flow.id)
      findings.error(
        'PORT_OPEN',
        node.flow.idAt,
        `The input port "${port.name}" of "${node.flow.id}" is not connected.`,
        `add a data connection such as "${giverOf(node, control)} - ${node.flow.id}.${port.name}"`,
      )
    }
  }
  return lacking
}

/** What the rows of an input that is not connected could come from: the node that leads to it by control, if it gives rows. */
function giverOf(node: PlanNode, control: readonly PlanControl[]): string {
  for (const { from } of control.filter(({ to }) => to === node)) {
    const [port] = definitionOf(from)?.outputPorts ?? []
    if (port !== undefined) return `${from.flow.id}.${port}`
  }
  return 'from.output'
}

function takenHint(node: PlanNode, name: string): string {
  const variadic = definitionOf(node)
    ?.inputPorts.map(readPort)
    .find((port) => port.kind === 'many' && takesPort(port, name))
  return variadic === undefined
    ? 'put a union_mod in front of it'
    : `use another name for this one, such as "${variadic.name}1" or "${variadic.name}_left"`
}

function connectControl(flow: readonly FlowControl[], data: readonly PlanData[], names: NodeNames, findings: Findings): PlanControl[] {
  const highest = new Map<string, number>()
  for (const { from, order } of flow) if (order !== 'Last') highest.set(from, Math.max(highest.get(from) ?? 0, order))
  const rows = new Set(data.map((connection) => nameConnection(connection.flow)))
  const seen = new Set<string>()
  const control: PlanControl[] = []
  for (const connection of flow) {
    const from = names.find(connection.from, connection.spans.from)
    const to = names.find(connection.to, connection.spans.to)
    if (from === undefined || to === undefined) continue
    const ends = nameConnection(connection)
    if (seen.has(ends)) {
      findings.error(
        'DUPLICATE_CONNECTION',
        connection.at,
        `There are two control connections from "${connection.from}" to "${connection.to}".`,
        'keep one of them; the long form takes a condition with any type',
      )
      continue
    }
    seen.add(ends)
    const order = connection.order === 'Last' ? (highest.get(connection.from) ?? 0) + 1 : connection.order
    if (order > MAX_ORDER)
      findings.error(
        'CONNECTION_SYNTAX',
        connection.spans.order,
        `Last comes after order 999,999,999 of "${connection.from}", which is the highest that there is.`,
        'lower the other orders',
      )
    control.push({ index: control.length, flow: connection, from, to, order, type: connection.type, boundary: rows.has(ends) })
  }
  return control
}
