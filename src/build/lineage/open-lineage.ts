import { isDirect } from '../../core/influence.js'
import type { Dataset } from './dataset.js'
import type { LineagePort, Way } from './flow-lineage.js'
import { type Reached, walkUpstream } from './walk-lineage.js'

const SPEC = 'https://openlineage.io/spec'

/** What an event needs beside the ports. */
export interface EventDetails {
  readonly flow: string
  /** Who says so, as a URI. */
  readonly producer: string
  /** ISO 8601. */
  readonly time: string
  readonly datasets: ReadonlyMap<LineagePort['node'], readonly Dataset[]>
}

/** A JobEvent of OpenLineage: what a flow reads and writes, with the lineage of each column that is written. */
export function toJobEvent(ports: readonly LineagePort[], { flow, producer, time, datasets }: EventDetails): object {
  const facet = (version: string, name: string) => ({
    _producer: producer,
    _schemaURL: `${SPEC}/facets/${version}/${name}.json#/$defs/${name}`,
  })
  const named = (port: LineagePort) => datasets.get(port.node) ?? []
  const schema = ({ columns, doubt }: LineagePort) =>
    doubt !== undefined && columns.every(({ type }) => type === '')
      ? {}
      : { schema: { ...facet('1-1-1', 'SchemaDatasetFacet'), fields: columns.map(({ name, type }) => ({ name, type })) } }
  const inputFields = (reached: readonly Reached[]) =>
    mergeFields(
      reached
        .filter(({ at, column }) => at.kind === 'read' && isOfDataset(ports, at, column))
        .flatMap(({ at, column, ways }) => named(at).map((dataset) => ({ ...dataset, field: column, ways }))),
    ).map(({ ways, ...field }) => ({ ...field, ...toTransformations(ways) }))
  const lineage = (port: LineagePort) => {
    const found = port.columns
      .filter(({ name }) => isKnown(port, name))
      .map(({ name }) => ({ name, ...walkUpstream(ports, placeOf(port, name)) }))
    return {
      ...facet('1-2-0', 'ColumnLineageDatasetFacet'),
      fields: Object.fromEntries(found.map(({ name, values }) => [name, { inputFields: inputFields(values) }])),
      dataset: inputFields(found[0]?.rows ?? []),
    }
  }
  const read = ports.filter(({ kind, port, node }) => kind === 'read' && port === mainPort(ports, node))
  const written = ports.filter(({ kind }) => kind === 'written')
  return {
    eventTime: time,
    producer,
    schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/JobEvent`,
    job: { namespace: 'pype', name: flow },
    inputs: firstOfEach(read.flatMap((port) => named(port).map((dataset) => ({ ...dataset, facets: schema(port) })))),
    outputs: written.flatMap((port) =>
      named(port).map((dataset) => ({ ...dataset, facets: { ...schema(port), columnLineage: lineage(port) } })),
    ),
  }
}

/** Whether the column is one of what is read: those that a source adds to the rows that it rejects are in no dataset. */
function isOfDataset(ports: readonly LineagePort[], at: LineagePort, column: string): boolean {
  const main = ports.find(({ node }) => node === at.node)
  return main !== undefined && isKnown(main, column)
}

/** A field of a dataset and how it comes in. */
interface InputField extends Dataset {
  readonly field: string
  readonly ways: readonly Way[]
}

/** Each field once, where several sources read one dataset. */
function mergeFields(fields: readonly InputField[]): readonly InputField[] {
  const merged = new Map<string, InputField>()
  for (const field of fields) {
    const key = JSON.stringify([field.namespace, field.name, field.field])
    merged.set(key, { ...field, ways: [...new Set([...(merged.get(key)?.ways ?? []), ...field.ways])] })
  }
  return [...merged.values()]
}

/** Each dataset once, where several sources read it. */
function firstOfEach<T extends Dataset>(datasets: readonly T[]): readonly T[] {
  const keyOf = ({ namespace, name }: Dataset) => JSON.stringify([namespace, name])
  const keys = datasets.map(keyOf)
  return datasets.filter((dataset, i) => keys.indexOf(keyOf(dataset)) === i)
}

function isKnown(port: LineagePort, column: string): boolean {
  return port.columns.some(({ name, type }) => name === column && type !== '')
}

/** The port with the rows of a source; others have those that it rejects, or say which files there are. */
function mainPort(ports: readonly LineagePort[], node: LineagePort['node']): string | undefined {
  return ports.find((port) => port.node === node)?.port
}

function placeOf({ node, port }: LineagePort, column: string) {
  return { node: node.flow.id, port, column }
}

/** Nothing is said of a way that nobody knows. */
function toTransformations(ways: readonly Way[]) {
  const known = ways.flatMap((way) => (way === 'unknown' ? [] : [way]))
  if (known.length < ways.length) return {}
  return { transformations: known.map((way) => ({ type: isDirect(way) ? 'DIRECT' : 'INDIRECT', subtype: way.toUpperCase() })) }
}
