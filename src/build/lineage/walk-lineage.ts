import { followedBy } from '../../core/influence.js'
import { ANY, type ColumnPlace, type LineagePort, type Origin, type Way } from './flow-lineage.js'

/** What a column depends on, or what depends on it: the nearest first. */
export interface Reached extends Origin {
  /** The port of the column. */
  readonly at: LineagePort
}

/** What a column comes from. */
export interface Upstream {
  /** Columns that its values come from. */
  readonly values: readonly Reached[]
  /** Columns that decide which rows it has. */
  readonly rows: readonly Reached[]
}

/** What depends on a column. */
export interface Downstream {
  readonly values: readonly Reached[]
  /** Ports of which it decides the rows: all of their columns depend on it. The column is `*`. */
  readonly rows: readonly Reached[]
}

/** All columns that one depends on, at any distance. `ports` are in the order of {@link lineageOf}. */
export function walkUpstream(ports: readonly LineagePort[], start: ColumnPlace): Upstream {
  const values = new Ways()
  const rows = new Ways()
  const below = new Set<string>([portKey(start)])
  values.add(start, 'identity')
  for (const port of [...ports].reverse()) {
    const at = { node: port.node.flow.id, port: port.port }
    for (const { name, from } of port.columns) {
      for (const ways of [values, rows]) {
        for (const way of ways.of({ ...at, column: name })) for (const origin of from) addAll(ways, origin, way)
      }
    }
    if (!below.has(portKey(at))) continue
    for (const origin of port.rows) addAll(rows, origin, 'identity')
    for (const before of port.before) below.add(portKey(before))
  }
  values.delete(start)
  const behind = [...ports].reverse()
  return { values: values.list(behind), rows: rows.list(behind) }
}

/** All columns and ports that depend on a column, at any distance. `ports` are in the order of {@link lineageOf}. */
export function walkDownstream(ports: readonly LineagePort[], start: ColumnPlace): Downstream {
  const values = new Ways()
  const rows = new Ways()
  values.add(start, 'identity')
  for (const port of ports) {
    const at = { node: port.node.flow.id, port: port.port }
    for (const { name, from } of port.columns) {
      for (const origin of from) {
        for (const before of values.of(origin)) for (const way of origin.ways) values.add({ ...at, column: name }, after(before, way))
      }
    }
    const all = { ...at, column: ANY }
    for (const origin of port.rows) for (const before of values.of(origin)) for (const way of origin.ways) rows.add(all, after(before, way))
    for (const before of port.before) for (const way of rows.of({ ...before, column: ANY })) rows.add(all, way)
  }
  values.delete(start)
  return { values: values.list(ports), rows: rows.listPorts(ports) }
}

function addAll(ways: Ways, origin: Origin, then: Way): void {
  for (const way of origin.ways) ways.add(origin, after(way, then))
}

/** One way behind another. */
function after(first: Way, second: Way): Way {
  return first === 'unknown' || second === 'unknown' ? 'unknown' : followedBy(first, second)
}

/** The ways by which columns are reached. */
class Ways {
  readonly #found = new Map<string, Set<Way>>()

  add(place: ColumnPlace, way: Way): void {
    const key = keyOf(place)
    const ways = this.#found.get(key) ?? new Set()
    this.#found.set(key, ways.add(way))
  }

  of(place: ColumnPlace): readonly Way[] {
    return [...(this.#found.get(keyOf(place)) ?? [])]
  }

  delete(place: ColumnPlace): void {
    this.#found.delete(keyOf(place))
  }

  list(ports: readonly LineagePort[]): readonly Reached[] {
    return ports.flatMap((at) => at.columns.flatMap(({ name }) => this.#reached(at, name)))
  }

  listPorts(ports: readonly LineagePort[]): readonly Reached[] {
    return ports.flatMap((at) => this.#reached(at, ANY))
  }

  #reached(at: LineagePort, column: string): readonly Reached[] {
    const place = { node: at.node.flow.id, port: at.port, column }
    const ways = this.of(place)
    return ways.length === 0 ? [] : [{ ...place, at, ways }]
  }
}

function portKey({ node, port }: { readonly node: string; readonly port: string }): string {
  return `${node}.${port}`
}

function keyOf({ node, port, column }: ColumnPlace): string {
  return `${node}.${port}.${column}`
}
