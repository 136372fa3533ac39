import type { StreamRelation } from './relation.js'

/** Rows that another system sends while a statement reads them; see {@link StreamRelation}. Without `wire` all fields are read as the types of their columns. */
export function streamRows(spec: {
  readonly columns: StreamRelation['columns']
  readonly wire?: StreamRelation['wire']
  readonly ordered?: boolean
  readonly open: StreamRelation['open']
}): StreamRelation {
  const { columns, wire = columns.map(({ name }) => ({ name })), ordered = false, open } = spec
  return { kind: 'stream', columns, wire, ordered, open, origin: spec }
}
