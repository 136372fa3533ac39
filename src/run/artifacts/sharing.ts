import { inputsFirst, inputsOf, type Relation } from '../../sdk/relation.js'

/** A statement that will be run: its name, and the relation that it runs. */
export interface Consumer {
  readonly name: string
  readonly relation: Relation
}

/** Deeper statements than this are more than the engine's binder takes. */
const MAX_DEPTH = 100

/** What reads a relation that has to be stored: statements, and other stored relations. */
export type Owners = ReadonlyMap<Relation, ReadonlySet<Consumer | Relation>>

/**
 * The relations that more than one statement would compute: each of them is stored once and read by all. Relations that are
 * no more work to read twice (files of a columnar format, rows that are held already, rows in the flow itself) stay as they are.
 * Stored too are those whose bad rows are read, for these come to light only by running them. What is held already keeps its owners,
 * and nothing below it is needed any more.
 */
export function planSharing(consumers: readonly Consumer[], isHeld: (relation: Relation) => boolean): Owners {
  const roots = consumers.map(({ relation }) => relation)
  const order = inputsFirst(roots, (relation) => (isHeld(relation) ? [] : inputsOf(relation))).reverse()
  const owners = new Map<Relation, Set<Consumer | Relation>>(order.map((relation) => [relation, new Set()]))
  for (const consumer of consumers) owners.get(consumer.relation)?.add(consumer)
  const forced = tooDeep(order)
  for (const relation of order) {
    if (relation.kind === 'rejects') forced.add(relation.of)
  }
  const shared = new Map<Relation, Set<Consumer | Relation>>()
  for (const relation of order) {
    const own = owners.get(relation) ?? new Set()
    const stores = isHeld(relation) || forced.has(relation) || (own.size > 1 && isWorkTwice(relation))
    if (stores) shared.set(relation, own)
    if (isHeld(relation)) continue
    for (const input of inputsOf(relation)) {
      const above = owners.get(input)
      if (above === undefined) continue
      if (stores) above.add(relation)
      else for (const owner of own) above.add(owner)
    }
  }
  return shared
}

function isWorkTwice(relation: Relation): boolean {
  switch (relation.kind) {
    case 'scan':
      return relation.format !== 'parquet'
    case 'stored':
    case 'inline':
    case 'files':
    case 'rejects':
      return false
    default:
      return true
  }
}

/** Cuts a long chain of queries into pieces. */
function tooDeep(order: readonly Relation[]): Set<Relation> {
  const cut = new Set<Relation>()
  const depths = new Map<Relation, number>()
  for (const relation of [...order].reverse()) {
    const depth = 1 + Math.max(0, ...inputsOf(relation).map((input) => depths.get(input) ?? 0))
    if (depth >= MAX_DEPTH && isWorkTwice(relation)) cut.add(relation)
    depths.set(relation, cut.has(relation) ? 0 : depth)
  }
  return cut
}

/** The planned relations that a statement reads, those that stand deepest first. */
export function sharedBelow(root: Relation, shared: Owners): Relation[] {
  return inputsFirst([root]).filter((relation) => shared.has(relation))
}
