import type { Flow } from '../../core/flow.js'
import { groupBy } from '../../core/group-by.js'
import type { Influence } from '../../core/influence.js'
import type { Column } from '../../sdk/relation.js'
import type { FlowColumns, InputColumn, PortColumns } from '../columns/flow-columns.js'
import { definitionOf, type PlanNode } from '../plan/graph.js'
import { type GivenBy, nameGiven } from './given-by.js'

/** How a column comes into another one; `unknown` where nobody can tell whether it does. */
export type Way = Influence | 'unknown'

/** A column that leaves a node, or that a sink writes; `*` stands for those of a port whose columns are not known. */
export interface ColumnPlace {
  readonly node: string
  readonly port: string
  readonly column: string
}

/** A column that something depends on. */
export interface Origin extends ColumnPlace {
  readonly ways: readonly Way[]
}

/** A column and where it comes from, one step back. */
export interface LineageColumn extends Column {
  readonly from: readonly Origin[]
  /** Where `from` is empty, as far as it is known. */
  readonly given?: GivenBy
}

/** A port with its columns and where they come from, one step back. */
export interface LineagePort {
  readonly node: PlanNode
  readonly port: string
  /** `read`: its columns come from outside; `written`: it is the input of a sink. */
  readonly kind: 'read' | 'made' | 'written'
  readonly columns: readonly LineageColumn[]
  /** What decides which rows there are. What decides that of the ports before counts too. */
  readonly rows: readonly Origin[]
  /** The output ports that its rows come through. */
  readonly before: readonly { readonly node: string; readonly port: string }[]
  /** Why its columns, or where they come from, are not known. */
  readonly doubt: string | undefined
}

/** In place of columns that are not known. */
export const ANY = '*'

/** The ports of a flow, each behind those that its rows come through. */
export function lineageOf(flow: Flow, known: FlowColumns): readonly LineagePort[] {
  const entering = groupBy(flow.data, ({ to }) => to)
  const nodes = new Map([...known.keys()].map((node) => [node.flow.id, node]))
  const done = new Map<string, readonly LineagePort[]>()
  for (let waiting = [...nodes.keys()]; waiting.length > 0; ) {
    const ready = waiting.filter((id) => (entering.get(id) ?? []).every(({ from }) => done.has(from)))
    for (const id of ready) {
      const node = nodes.get(id)
      const inputs = (entering.get(id) ?? []).map(({ toPort, from, fromPort }) => ({
        name: toPort,
        from: done.get(from)?.find(({ port }) => port === fromPort),
      }))
      if (node !== undefined) done.set(id, portsOf(node, known.get(node) ?? new Map(), inputs))
    }
    waiting = waiting.filter((id) => !done.has(id))
    if (ready.length === 0) break
  }
  return [...done.values()].flat()
}

interface Input {
  readonly name: string
  /** Undefined: a port that its node does not have. */
  readonly from: LineagePort | undefined
}

function portsOf(node: PlanNode, known: ReadonlyMap<string, PortColumns>, inputs: readonly Input[]): readonly LineagePort[] {
  if (definitionOf(node)?.type === 'sink') return inputs.map((input) => writtenPort(node, input))
  const before = inputs.flatMap(({ from }) => (from === undefined ? [] : [{ node: from.node.flow.id, port: from.port }]))
  return [...known].map(([port, found]): LineagePort => {
    const base = { node, port, before, kind: inputs.length === 0 ? ('read' as const) : ('made' as const) }
    if (found.kind === 'unknown') {
      const all = allOf(inputs)
      return { ...base, columns: [{ name: ANY, type: '', from: all }], rows: all, doubt: found.reason }
    }
    if (base.kind === 'read')
      return { ...base, columns: found.columns.map((column) => ({ ...column, from: [] })), rows: [], doubt: undefined }
    const lineage = found.lineage ?? { kind: 'unknown', reason: `${node.flow.name} is code: which columns it reads is not known` }
    if (lineage.kind === 'unknown') {
      const all = allOf(inputs)
      return { ...base, columns: found.columns.map((column) => ({ ...column, from: all })), rows: all, doubt: lineage.reason }
    }
    const columns = found.columns.map((column): LineageColumn => {
      const given = lineage.given?.get(column.name)
      const from = toOrigins(lineage.columns.get(column.name) ?? [], inputs)
      return { ...column, from, ...(given === undefined ? {} : { given: nameGiven(given, node, column.name, before) }) }
    })
    return { ...base, columns, rows: toOrigins(lineage.rows, inputs), doubt: undefined }
  })
}

function writtenPort(node: PlanNode, { name, from }: Input): LineagePort {
  const at = { node: from?.node.flow.id ?? '', port: from?.port ?? '' }
  return {
    node,
    port: name,
    kind: 'written',
    columns: (from?.columns ?? []).map(({ name, type }) => ({ name, type, from: [{ ...at, column: name, ways: ['identity'] }] })),
    rows: [],
    before: from === undefined ? [] : [at],
    doubt: from?.columns.some((column) => column.name === ANY) === true ? from.doubt : undefined,
  }
}

function allOf(inputs: readonly Input[]): readonly Origin[] {
  return inputs.flatMap(({ from }) =>
    (from?.columns ?? []).map(({ name }) => ({
      node: from?.node.flow.id ?? '',
      port: from?.port ?? '',
      column: name,
      ways: ['unknown' as const],
    })),
  )
}

function toOrigins(columns: readonly InputColumn[], inputs: readonly Input[]): readonly Origin[] {
  return columns.flatMap(({ port, column, influences }) => {
    const from = inputs.find(({ name }) => name === port)?.from
    return from === undefined ? [] : [{ node: from.node.flow.id, port: from.port, column, ways: influences }]
  })
}
